//! Walking through a value's parts by path: looking up, rewriting, marks.

use super::{Data, Fields, Marks, Path, Step, Type, Value};
use std::sync::Arc;

impl Value {
    /// The value without any mark at any depth.
    #[must_use]
    pub fn unmarked_deep(&self) -> Value {
        self.without_marks_deep(Marks(u8::MAX))
    }

    /// The value without marks and with null in place of every sensitive part: for documents and logs, which are copied to places that
    /// nobody guards.
    #[must_use]
    pub fn without_secrets(&self) -> Value {
        self.transform(&mut |_, part| part.marks().is_sensitive().then(|| Value::null(part.ty().clone()))).unmarked_deep()
    }

    /// The value without these marks at any depth.
    #[must_use]
    pub fn without_marks_deep(&self, marks: Marks) -> Value {
        let all = self.marks_deep();
        if all.without(marks) == all {
            return self.clone();
        }
        let data = match &self.data {
            Data::Elements(elements) => Data::Elements(elements.iter().map(|element| element.without_marks_deep(marks)).collect()),
            Data::Fields(fields) => {
                Data::Fields(Arc::new(fields.iter().map(|(name, field)| (name.clone(), field.without_marks_deep(marks))).collect()))
            }
            other => other.clone(),
        };
        Value { ty: self.ty.clone(), data, marks: self.marks.without(marks) }
    }

    /// The same value, with marks added at these paths. A path that leads nowhere marks the deepest part on its way that is
    /// unknown or a set; otherwise it is skipped.
    #[must_use]
    pub fn with_marks_at(&self, paths: &[Path], marks: Marks) -> Value {
        let mut result = self.clone();
        for path in paths {
            result = mark(&result, &path.0, marks);
        }
        result
    }

    /// The paths of the parts that bear all these marks themselves; parts of a marked part are left out. In the order of the
    /// value.
    pub fn marked_paths(&self, marks: Marks) -> Vec<Path> {
        let mut found = Vec::new();
        if self.marks_deep().contains(marks) {
            collect_marked(self, marks, &mut Vec::new(), &mut found);
        }
        found
    }

    /// The part at a path, with the marks of all it stands in. `None` where the path leads nowhere; unknown within an unknown.
    pub fn at(&self, path: &Path) -> Option<Value> {
        let mut part = self.clone();
        for step in &path.0 {
            part = part.step(step)?;
        }
        Some(part)
    }

    /// The part one step deeper, with the marks of the whole.
    pub fn step(&self, step: &Step) -> Option<Value> {
        if !self.is_known() {
            return Some(Value::unknown(self.ty.part(step)?).with_marks(self.marks));
        }
        let part = match (step, &self.data) {
            (Step::Attribute(name), Data::Fields(fields)) => fields.get(name)?,
            (Step::Index(key), Data::Fields(fields)) => fields.get(key.as_str()?)?,
            (Step::Index(key), Data::Elements(elements)) if matches!(self.ty, Type::Set(_)) => {
                elements.iter().find(|element| *element == key)?
            }
            (Step::Index(key), Data::Elements(elements)) => elements.get(usize::try_from(key.as_i64()?).ok()?)?,
            _ => return None,
        };
        Some(part.clone().with_marks(self.marks))
    }

    /// The same value with the part at a path replaced; a path that leads nowhere changes nothing. In a tuple, an object, or a
    /// collection of dynamic element type the part may have another type.
    #[must_use]
    pub fn with_part(&self, path: &Path, part: Value) -> Value {
        replace(self, &path.0, &part)
    }

    /// Rewrites a value from the top down: where `rewrite` answers with a value, that takes the part's place and is not entered;
    /// where it answers `None`, the part's own parts are visited. Types of objects and tuples follow their parts; those of lists,
    /// sets and maps too if all elements agree, and else become collections of dynamic element type. Marks stay.
    #[must_use]
    pub fn transform(&self, rewrite: &mut dyn FnMut(&Path, &Value) -> Option<Value>) -> Value {
        transform(self, &mut Path::root(), rewrite)
    }

    /// Calls `visit` with every part and its path, from the top down; parts of a part are left out where it answers `false`.
    pub fn walk(&self, visit: &mut dyn FnMut(&Path, &Value) -> bool) {
        walk(self, &mut Path::root(), visit);
    }

    /// The steps to the direct parts, with the parts.
    pub fn steps(&self) -> Vec<(Step, &Value)> {
        match (&self.ty, &self.data) {
            (Type::Set(_), Data::Elements(elements)) => elements.iter().map(|element| (Step::Index(element.clone()), element)).collect(),
            (_, Data::Elements(elements)) => {
                elements.iter().enumerate().map(|(index, element)| (Step::Index(Value::int(index as i64)), element)).collect()
            }
            (Type::Map(_), Data::Fields(fields)) => {
                fields.iter().map(|(key, element)| (Step::Index(Value::string(key)), element)).collect()
            }
            (_, Data::Fields(fields)) => fields.iter().map(|(name, field)| (Step::Attribute(name.clone()), field)).collect(),
            _ => Vec::new(),
        }
    }
}

impl Type {
    /// The type of the part that a step leads to.
    pub fn part(&self, step: &Step) -> Option<Type> {
        match (self, step) {
            (Type::Dynamic, _) => Some(Type::Dynamic),
            (Type::List(element) | Type::Set(element) | Type::Map(element), Step::Index(_)) => Some(Type::clone(element)),
            // Maps answer to attribute syntax too.
            (Type::Map(element), Step::Attribute(_)) => Some(Type::clone(element)),
            (Type::Tuple(elements), Step::Index(key)) => elements.get(usize::try_from(key.as_i64()?).ok()?).cloned(),
            (Type::Object(object), Step::Attribute(name)) => object.attributes.get(name).cloned(),
            (Type::Object(object), Step::Index(key)) => object.attributes.get(key.as_str()?).cloned(),
            _ => None,
        }
    }
}

fn mark(value: &Value, steps: &[Step], marks: Marks) -> Value {
    let Some((step, rest)) = steps.split_first() else { return value.clone().with_marks(marks) };
    if !value.is_known() || matches!(value.ty, Type::Set(_)) {
        return value.clone().with_marks(marks);
    }
    edit(value, step, |part| mark(part, rest, marks))
}

fn replace(value: &Value, steps: &[Step], part: &Value) -> Value {
    let Some((step, rest)) = steps.split_first() else { return part.clone() };
    edit(value, step, |inner| replace(inner, rest, part))
}

/// The value with one part edited.
fn edit(value: &Value, step: &Step, change: impl FnOnce(&Value) -> Value) -> Value {
    match &value.data {
        Data::Fields(fields) => {
            let name = match step {
                Step::Attribute(name) => Some(name.clone()),
                Step::Index(key) => key.as_str().map(Arc::from),
            };
            let Some((name, field)) = name.and_then(|name| fields.get_key_value(&name)) else { return value.clone() };
            let mut changed = Fields::clone(fields);
            changed.insert(name.clone(), change(field));
            rebuild_fields(value, changed)
        }
        Data::Elements(elements) => {
            let position = match step {
                Step::Index(key) if matches!(value.ty, Type::Set(_)) => elements.iter().position(|element| element == key),
                Step::Index(key) => key.as_i64().and_then(|index| usize::try_from(index).ok()).filter(|index| *index < elements.len()),
                Step::Attribute(_) => None,
            };
            let Some(position) = position else { return value.clone() };
            let mut changed = elements.to_vec();
            changed[position] = change(&elements[position]);
            rebuild_elements(value, changed)
        }
        _ => value.clone(),
    }
}

fn transform(value: &Value, path: &mut Path, rewrite: &mut dyn FnMut(&Path, &Value) -> Option<Value>) -> Value {
    if let Some(replacement) = rewrite(path, value) {
        return replacement;
    }
    let mut parts = Vec::new();
    let mut changed = false;
    for (step, part) in value.steps() {
        path.0.push(step);
        let new = transform(part, path, rewrite);
        path.0.pop();
        changed |= new != *part;
        parts.push(new);
    }
    match &value.data {
        // What did not change is shared, not copied.
        _ if !changed => value.clone(),
        Data::Fields(fields) => rebuild_fields(value, fields.keys().cloned().zip(parts).collect()),
        _ => rebuild_elements(value, parts),
    }
}

fn rebuild_fields(old: &Value, fields: Fields) -> Value {
    match &old.ty {
        Type::Map(element) => Value::map(common(element, fields.values()), fields).with_marks(old.marks),
        _ => old.with_attributes(fields),
    }
}

fn rebuild_elements(old: &Value, elements: Vec<Value>) -> Value {
    let new = match &old.ty {
        Type::List(element) => Value::list(common(element, elements.iter()), elements),
        Type::Set(element) => Value::set(common(element, elements.iter()), elements),
        _ => Value::tuple(elements),
    };
    new.with_marks(old.marks)
}

/// The element type of a rebuilt collection.
fn common<'a>(old: &Type, mut elements: impl Iterator<Item = &'a Value>) -> Type {
    let Some(first) = elements.next() else { return old.clone() };
    if *old != Type::Dynamic && elements.all(|element| element.ty == first.ty) { first.ty.clone() } else { Type::Dynamic }
}

fn walk(value: &Value, path: &mut Path, visit: &mut dyn FnMut(&Path, &Value) -> bool) {
    if visit(path, value) {
        for (step, part) in value.steps() {
            path.0.push(step);
            walk(part, path, visit);
            path.0.pop();
        }
    }
}

fn collect_marked(value: &Value, marks: Marks, path: &mut Vec<Step>, found: &mut Vec<Path>) {
    if value.marks.contains(marks) {
        found.push(Path(path.clone()));
        return;
    }
    for (step, part) in value.steps() {
        path.push(step);
        collect_marked(part, marks, path, found);
        path.pop();
    }
}
