//! Sets.

use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, elements, fail, parameter, pure};
use windlass_api::value::convert::convert;
use windlass_api::value::unify::unify;
use windlass_api::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    pure("setunion", &[parameter("first_set", Accepts::SetOfAny)], Returns::By(joined_type), |arguments| {
        let (element, sets) = unified(arguments)?;
        Ok(Value::set(element, sets.concat()))
    })
    .and(parameter("other_sets", Accepts::SetOfAny)),
    pure("setintersection", &[parameter("first_set", Accepts::SetOfAny)], Returns::By(joined_type), |arguments| {
        let (element, sets) = unified(arguments)?;
        let (first, others) = sets.split_first().ok_or_else(empty)?;
        let in_all = |value: &&Value| others.iter().all(|other| contains(other, value));
        Ok(Value::set(element, first.iter().filter(in_all).cloned().collect()))
    })
    .and(parameter("other_sets", Accepts::SetOfAny)),
    pure("setsubtract", &[parameter("a", Accepts::SetOfAny), parameter("b", Accepts::SetOfAny)], Returns::By(joined_type), |arguments| {
        let (element, sets) = unified(arguments)?;
        Ok(Value::set(element, sets[0].iter().filter(|value| !contains(&sets[1], value)).cloned().collect()))
    }),
    pure("setproduct", &[], Returns::By(|_| Type::Dynamic), product).and(parameter("sets", Accepts::Any)),
];

fn empty() -> FunctionError {
    FunctionError { argument: None, message: "at least one set is required".to_owned() }
}

/// Sets are sorted by a text of their elements; a search in one is logarithmic.
fn contains(sorted: &[Value], value: &Value) -> bool {
    match value.as_str() {
        Some(text) => sorted.binary_search_by(|other| other.as_str().unwrap_or_default().cmp(text)).is_ok(),
        None => sorted.contains(value),
    }
}

fn joined_type(arguments: &[Value]) -> Type {
    let types: Vec<Type> = arguments.iter().filter_map(|set| set.ty().element().cloned()).collect();
    unify(&types).map_or(Type::Dynamic, Type::set)
}

fn unified(arguments: &[Value]) -> Result<(Type, Vec<Vec<Value>>), FunctionError> {
    // The empty set of no type takes the type of the others.
    let types: Vec<Type> =
        arguments.iter().filter_map(|set| set.ty().element().cloned()).filter(|element| *element != Type::Dynamic).collect();
    let element = match unify(&types) {
        Some(element) => element,
        None if types.is_empty() => Type::Dynamic,
        None => return fail("given sets must all have compatible element types"),
    };
    let ty = Type::set(element.clone());
    let convert_set = |set: &Value| match convert(set, &ty) {
        Ok(set) => Ok(set.elements().unwrap_or_default().to_vec()),
        Err(reason) => fail(reason.to_string()),
    };
    Ok((element, arguments.iter().map(convert_set).collect::<Result<_, _>>()?))
}

/// No product is longer: it would not fit memory.
const PRODUCT_MAX: usize = 10_000_000;

/// Every combination of one element of each, in order, the last one changing fastest.
fn product(arguments: &[Value]) -> Outcome {
    if arguments.len() < 2 {
        return fail("at least two arguments are required");
    }
    let mut columns = Vec::new();
    let mut any_set = false;
    let mut total = 1usize;
    for (position, argument) in arguments.iter().enumerate() {
        any_set |= matches!(argument.ty(), Type::Set(_));
        let message = match argument.ty() {
            Type::Tuple(_) => "all elements must be of the same type",
            _ => "a set or a list is required",
        };
        let fail_here = || FunctionError { argument: Some(position), message: message.to_owned() };
        let list = convert(argument, &Type::list(Type::Dynamic)).map_err(|_| fail_here())?;
        let column = elements(std::slice::from_ref(&list), 0).to_vec();
        total = total.saturating_mul(column.len());
        columns.push((list.ty().element().cloned().unwrap_or(Type::Dynamic), column));
    }
    if total > PRODUCT_MAX {
        return fail(format!("the product would have more than {PRODUCT_MAX} elements"));
    }
    let row_type = Type::tuple(columns.iter().map(|(ty, _)| ty.clone()).collect());
    let row = |index: usize| {
        let mut rest = index;
        let mut cells: Vec<Value> = columns
            .iter()
            .rev()
            .map(|(_, column)| {
                let cell = column[rest % column.len()].clone();
                rest /= column.len();
                cell
            })
            .collect();
        cells.reverse();
        Value::tuple(cells)
    };
    let rows: Vec<Value> = (0..total).map(row).collect();
    Ok(if any_set { Value::set(row_type, rows) } else { Value::list(row_type, rows) })
}
