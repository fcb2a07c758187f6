//! Places for the nodes of a graph without cycles: columns by what each waits for, and an order in each column that keeps lines short.
//!
//! The way of Sugiyama, in time linear in nodes and lines but for sorting: a node stands one column to the right of the last that it waits
//! for; lines over several columns get a bend in each; columns are sorted a few times by the mean place of their neighbours; then
//! every node is drawn towards that mean as far as its column has room.

/// How often columns are sorted and nodes drawn towards their neighbours.
const SWEEPS: usize = 6;
/// Above so many bends lines go straight: a picture that nobody can follow need not be neat.
const BENDS_MAX: usize = 50_000;

/// Where everything stands; the unit is one row, columns are counted.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// Column and row of each node.
    pub nodes: Vec<(usize, f64)>,
    /// For each line, the places it goes through between its ends, from the one waited for.
    pub bends: Vec<Vec<(usize, f64)>>,
}

/// Places nodes with lines `(waiting, waited for)`.
pub fn place(count: usize, edges: &[(usize, usize)]) -> Layers {
    let column_of = columns(count, edges);
    let mut column_of_item = column_of.clone();
    let mut links: Vec<(usize, usize)> = Vec::new();
    let mut bends: Vec<Vec<usize>> = Vec::with_capacity(edges.len());
    let spans = |&(waiting, other): &(usize, usize)| column_of[waiting] - column_of[other] - 1;
    let bent = edges.iter().map(spans).sum::<usize>() <= BENDS_MAX;
    for edge in edges {
        let (waiting, other) = *edge;
        let mut own = Vec::new();
        let mut last = other;
        if bent {
            for column in column_of[other] + 1..column_of[waiting] {
                let item = column_of_item.len();
                column_of_item.push(column);
                links.push((last, item));
                own.push(item);
                last = item;
            }
        }
        links.push((last, waiting));
        bends.push(own);
    }
    let rows = Rows::new(column_of_item, &links).settle();
    let at = |item: usize| (rows.column_of[item], rows.row_of[item]);
    Layers { nodes: (0..count).map(at).collect(), bends: bends.into_iter().map(|own| own.into_iter().map(at).collect()).collect() }
}

/// The longest way to each node from one that waits for nothing.
fn columns(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut waiting_for: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut open_count = vec![0_usize; count];
    for (waiting, other) in edges {
        waiting_for[*other].push(*waiting);
        open_count[*waiting] += 1;
    }
    let mut column_of = vec![0; count];
    let mut ready: Vec<usize> = (0..count).filter(|node| open_count[*node] == 0).collect();
    while let Some(node) = ready.pop() {
        for waiting in &waiting_for[node] {
            column_of[*waiting] = column_of[*waiting].max(column_of[node] + 1);
            open_count[*waiting] -= 1;
            if open_count[*waiting] == 0 {
                ready.push(*waiting);
            }
        }
    }
    column_of
}

/// Nodes and bends in their columns.
struct Rows {
    column_of: Vec<usize>,
    row_of: Vec<f64>,
    columns: Vec<Vec<usize>>,
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
}

impl Rows {
    fn new(column_of: Vec<usize>, links: &[(usize, usize)]) -> Rows {
        let count = column_of.len();
        let mut columns: Vec<Vec<usize>> = vec![Vec::new(); column_of.iter().max().map_or(0, |last| last + 1)];
        for (item, column) in column_of.iter().enumerate() {
            columns[*column].push(item);
        }
        let (mut left, mut right) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for (from, to) in links {
            left[*to].push(*from);
            right[*from].push(*to);
        }
        let mut row_of = vec![0.0; count];
        for column in &columns {
            column.iter().enumerate().for_each(|(row, item)| row_of[*item] = row as f64);
        }
        Rows { column_of, row_of, columns, left, right }
    }

    fn settle(mut self) -> Rows {
        let order: Vec<usize> = (0..self.columns.len()).collect();
        for sweep in 0..SWEEPS {
            let forward = sweep % 2 == 0;
            for step in 0..order.len() {
                self.sort(if forward { step } else { order.len() - 1 - step }, forward);
            }
        }
        for sweep in 0..SWEEPS {
            let forward = sweep % 2 == 0;
            for step in 0..order.len() {
                self.draw(if forward { step } else { order.len() - 1 - step });
            }
        }
        let top = self.row_of.iter().copied().fold(f64::INFINITY, f64::min);
        self.row_of.iter_mut().for_each(|row| *row -= top);
        self
    }

    fn mean(&self, items: &[usize]) -> Option<f64> {
        (!items.is_empty()).then(|| items.iter().map(|item| self.row_of[*item]).sum::<f64>() / items.len() as f64)
    }

    /// Sorts a column by the mean row of the neighbours on one side.
    fn sort(&mut self, column: usize, by_left: bool) {
        let side = if by_left { &self.left } else { &self.right };
        let mut keyed: Vec<(f64, usize)> =
            self.columns[column].iter().map(|item| (self.mean(&side[*item]).unwrap_or(self.row_of[*item]), *item)).collect();
        keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
        self.columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
        for (row, item) in self.columns[column].iter().enumerate() {
            self.row_of[*item] = row as f64;
        }
    }

    /// Draws the items of a column towards their neighbours on both sides, in order and a row apart: runs that want the same place share
    /// it around their mean.
    fn draw(&mut self, column: usize) {
        let wanted = |item: &usize| {
            let around: Vec<usize> = self.left[*item].iter().chain(&self.right[*item]).copied().collect();
            self.mean(&around).unwrap_or(self.row_of[*item])
        };
        // Runs of items that touch: first wanted row of the run, and how many.
        let mut runs: Vec<(f64, usize)> = Vec::new();
        for item in &self.columns[column] {
            let mut run = (wanted(item), 1_usize);
            while let Some(last) = runs.last().copied().filter(|last| last.0 + last.1 as f64 > run.0) {
                runs.pop();
                let (one, other) = (last.1 as f64, run.1 as f64);
                run = ((last.0 * one + (run.0 - one) * other) / (one + other), last.1 + run.1);
            }
            runs.push(run);
        }
        let rows = runs.into_iter().flat_map(|(first, count)| (0..count).map(move |place| first + place as f64));
        let placed: Vec<f64> = rows.collect();
        for (item, row) in self.columns[column].iter().zip(placed) {
            self.row_of[*item] = row;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::place;
    use std::collections::BTreeMap;

    #[test]
    fn columns_follow_what_is_waited_for_and_rows_keep_apart() {
        // A diamond with a long line from 4 to 0, and one node alone.
        let edges = [(1, 0), (2, 0), (3, 1), (3, 2), (4, 3), (4, 0)];
        let layers = place(6, &edges);
        assert_eq!(layers.nodes.iter().map(|node| node.0).collect::<Vec<_>>(), [0, 1, 1, 2, 3, 0]);
        assert_eq!(layers.bends.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 2]);
        let mut by_column: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for (column, row) in layers.nodes.iter().chain(layers.bends.iter().flatten()) {
            by_column.entry(*column).or_default().push(*row);
        }
        for rows in by_column.values_mut() {
            rows.sort_by(f64::total_cmp);
            assert!(rows.windows(2).all(|pair| pair[1] - pair[0] > 0.99), "{rows:?}");
        }
    }

    #[test]
    fn a_large_graph_is_placed_at_once() {
        let edges: Vec<(usize, usize)> = (1..20_000).map(|node| (node, node / 2)).collect();
        assert_eq!(place(20_000, &edges).nodes.len(), 20_000);
    }
}
