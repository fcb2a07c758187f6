//! Making collections of collections.

use super::signature::{
    Accepts, Function, FunctionError, Outcome, Returns, elements, fail, fail_argument, integer, parameter, pure, strings,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::value::convert::convert;
use windlass_api::value::unify::unify_unsafe;
use windlass_api::{Marks, Type, Value};

const LIST_OF_STRING: Returns = Returns::Always(Accepts::ListOfString);
const DYNAMIC: Returns = Returns::Always(Accepts::Any);

pub(super) const FUNCTIONS: &[Function] = &[
    pure(
        "chunklist",
        &[parameter("list", Accepts::ListOfAny).partial(), parameter("size", Accepts::Number)],
        Returns::By(|arguments| Type::list(arguments[0].ty().clone())),
        chunks,
    ),
    pure("coalesce", &[], DYNAMIC, coalesce).and(parameter("vals", Accepts::Any).nullable().unknown()),
    pure("coalescelist", &[], DYNAMIC, coalesce_list).and(parameter("vals", Accepts::Any).nullable().unknown()),
    pure("compact", &[parameter("list", Accepts::ListOfString)], LIST_OF_STRING, |arguments| {
        Ok(strings(elements(arguments, 0).iter().filter_map(Value::as_str).filter(|text| !text.is_empty())))
    }),
    pure("concat", &[], DYNAMIC, concat).and(parameter("seqs", Accepts::Any).unknown()),
    pure("distinct", &[parameter("list", Accepts::ListOfAny)], Returns::By(|arguments| arguments[0].ty().clone()), distinct),
    pure("flatten", &[parameter("list", Accepts::Any).partial()], DYNAMIC, flatten),
    pure(
        "matchkeys",
        &[parameter("values", Accepts::ListOfAny), parameter("keys", Accepts::ListOfAny), parameter("searchset", Accepts::ListOfAny)],
        Returns::By(|arguments| arguments[0].ty().clone()),
        match_keys,
    ),
    pure("merge", &[], DYNAMIC, merge).and(parameter("maps", Accepts::Any).nullable().unknown()),
    pure("reverse", &[parameter("list", Accepts::Any).partial()], DYNAMIC, reverse),
    pure(
        "slice",
        &[parameter("list", Accepts::Any).partial(), parameter("start_index", Accepts::Number), parameter("end_index", Accepts::Number)],
        DYNAMIC,
        slice,
    ),
    pure("sort", &[parameter("list", Accepts::ListOfString)], LIST_OF_STRING, sort),
    pure("transpose", &[parameter("values", Accepts::MapOfListOfString)], Returns::Always(Accepts::MapOfListOfString), transpose),
    pure("zipmap", &[parameter("keys", Accepts::ListOfString), parameter("values", Accepts::Any).partial()], DYNAMIC, zip_map),
];

fn chunks(arguments: &[Value]) -> Outcome {
    let items = elements(arguments, 0);
    let ty = arguments[0].ty().clone();
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    let list = |items: &[Value]| Value::list(element.clone(), items.to_vec());
    match (usize::try_from(integer(arguments, 1)?), items) {
        (Err(_), _) => fail("the size argument must be positive"),
        (_, []) => Ok(Value::list(ty, Vec::new())),
        (Ok(0), items) => Ok(Value::list(ty, vec![list(items)])),
        (Ok(size), items) => Ok(Value::list(ty, items.chunks(size).map(list).collect())),
    }
}

/// The first that is neither null nor the empty string. An unknown one that may be either leaves it open.
fn coalesce(arguments: &[Value]) -> Outcome {
    let types: Vec<Type> = arguments.iter().filter(|value| !is_bare_null(value)).map(|value| value.ty().clone()).collect();
    let ty = match unify_unsafe(&types) {
        _ if arguments.is_empty() => return fail("at least one argument is required"),
        Some(ty) => ty,
        None if types.is_empty() => Type::Dynamic,
        None => return fail("all arguments must have the same type"),
    };
    for (position, argument) in arguments.iter().enumerate() {
        if argument.is_null() {
            continue;
        }
        if !argument.is_known() {
            return Ok(Value::unknown(ty).not_null());
        }
        let value = convert(argument, &ty).map_err(|reason| FunctionError { argument: Some(position), message: reason.to_string() })?;
        if value.as_str() != Some("") {
            return Ok(value);
        }
    }
    fail("no non-null, non-empty-string arguments")
}

fn is_bare_null(value: &Value) -> bool {
    value.is_null() && *value.ty() == Type::Dynamic
}

fn coalesce_list(arguments: &[Value]) -> Outcome {
    if arguments.is_empty() {
        return fail("at least one argument is required");
    }
    let is_sequence = |value: &Value| matches!(value.ty(), Type::List(_) | Type::Tuple(_));
    if arguments.iter().any(|value| is_bare_null(value) || *value.ty() != Type::Dynamic && !is_sequence(value)) {
        return fail("coalescelist arguments must be lists or tuples");
    }
    for argument in arguments {
        if *argument.ty() == Type::Dynamic || !argument.is_known() {
            return Ok(Value::unknown(Type::Dynamic).not_null());
        }
        if argument.elements().is_some_and(|items| !items.is_empty()) {
            return Ok(argument.clone());
        }
    }
    fail("no non-null arguments")
}

/// Lists of types that unify make a list, anything else a tuple.
fn concat(arguments: &[Value]) -> Outcome {
    if arguments.is_empty() {
        return fail("at least one argument is required");
    }
    let types: Vec<Type> = arguments.iter().map(|value| value.ty().clone()).collect();
    if let Some(position) = types.iter().position(|ty| !matches!(ty, Type::List(_) | Type::Tuple(_) | Type::Dynamic)) {
        return fail_argument(position, format!("all arguments must be lists or tuples; got {}", types[position].friendly_name()));
    }
    let all_lists = types.iter().all(|ty| matches!(ty, Type::List(_)));
    let list = if all_lists { unify_unsafe(&types) } else { None };
    let mut items = Vec::new();
    for argument in arguments {
        let converted = match &list {
            Some(list) => convert(argument, list).unwrap_or_else(|_| argument.clone()),
            None => argument.clone(),
        };
        match (converted.elements(), converted.ty()) {
            (Some(found), _) => items.extend(found.iter().cloned()),
            (None, Type::Tuple(types)) => items.extend(types.iter().cloned().map(Value::unknown)),
            _ => return Ok(Value::unknown(list.unwrap_or(Type::Dynamic)).not_null()),
        }
    }
    Ok(match list {
        Some(list) => Value::list(list.element().cloned().unwrap_or(Type::Dynamic), items),
        None => Value::tuple(items),
    })
}

fn distinct(arguments: &[Value]) -> Outcome {
    let mut seen = BTreeSet::new();
    let items = elements(arguments, 0).iter().filter(|item| seen.insert(windlass_api::value::wire::canonical(item))).cloned().collect();
    Ok(Value::list(arguments[0].ty().element().cloned().unwrap_or(Type::Dynamic), items))
}

/// Sequences in sequences are opened at every depth.
fn flatten(arguments: &[Value]) -> Outcome {
    if !matches!(arguments[0].ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
        return fail("can only flatten lists, sets and tuples");
    }
    let (mut items, mut marks) = (Vec::new(), Marks::NONE);
    match open(&arguments[0], &mut items, &mut marks) {
        true => Ok(Value::tuple(items).with_marks(marks)),
        false => Ok(Value::unknown(Type::Dynamic).not_null().with_marks(marks)),
    }
}

fn open(value: &Value, items: &mut Vec<Value>, marks: &mut Marks) -> bool {
    let mut known = true;
    for item in value.elements().unwrap_or_default() {
        match item.ty() {
            Type::List(_) | Type::Set(_) | Type::Tuple(_) if !item.is_null() => {
                *marks = marks.union(item.marks());
                known &= item.is_known() && crate::lang::deep(|| open(item, items, marks));
            }
            // It may turn out to be a sequence.
            Type::Dynamic if !item.is_known() => known = false,
            _ => items.push(item.clone()),
        }
    }
    known
}

/// The values whose keys, at the same place, are among those searched.
fn match_keys(arguments: &[Value]) -> Outcome {
    let [values, keys, searched] = [0, 1, 2].map(|position| elements(arguments, position));
    if values.len() != keys.len() {
        return fail("length of keys and values should be equal");
    }
    let element = arguments[0].ty().element().cloned().unwrap_or(Type::Dynamic);
    let key_type = unify_unsafe(&[arguments[1].ty().clone(), arguments[2].ty().clone()]).and_then(|ty| ty.element().cloned());
    let Some(key_type) = key_type else { return fail("keys and searchset must be of the same type") };
    let as_key = |value: &Value| convert(value, &key_type).map(|key| windlass_api::value::wire::canonical(&key));
    let searched: BTreeSet<_> = searched.iter().filter_map(|value| as_key(value).ok()).collect();
    let found = values.iter().zip(keys).filter(|(_, key)| as_key(key).is_ok_and(|key| searched.contains(&key)));
    Ok(Value::list(element, found.map(|(value, _)| value.clone()).collect()))
}

/// Maps of one type make a map, anything else an object; a later key wins.
fn merge(arguments: &[Value]) -> Outcome {
    let given: Vec<&Value> = arguments.iter().filter(|value| !is_bare_null(value)).collect();
    if let Some(wrong) = given.iter().find(|value| !matches!(value.ty(), Type::Map(_) | Type::Object(_) | Type::Dynamic)) {
        return fail(format!("arguments must be maps or objects, got {:?}", wrong.ty().friendly_name()));
    }
    let map = match given.first().map(|first| first.ty()) {
        Some(Type::Map(element)) if given.iter().all(|value| value.ty() == given[0].ty()) => Some((**element).clone()),
        _ => None,
    };
    if given.iter().any(|value| !value.is_known()) {
        return Ok(Value::unknown(map.map_or(Type::Dynamic, Type::map)).not_null());
    }
    let mut fields = Fields::new();
    for value in given {
        fields.extend(value.fields().into_iter().flatten().map(|(key, element)| (key.clone(), element.clone())));
    }
    Ok(match map {
        Some(element) => Value::map(element, fields),
        None => Value::object(fields),
    })
}

fn like(ty: &Type, items: Vec<Value>) -> Value {
    match ty {
        Type::Tuple(_) => Value::tuple(items),
        ty => Value::list(ty.element().cloned().unwrap_or(Type::Dynamic), items),
    }
}

fn reverse(arguments: &[Value]) -> Outcome {
    match arguments[0].ty() {
        ty @ (Type::List(_) | Type::Set(_) | Type::Tuple(_)) => Ok(like(ty, elements(arguments, 0).iter().rev().cloned().collect())),
        ty => fail_argument(0, format!("can only reverse list or tuple values, not {}", ty.friendly_name())),
    }
}

fn slice(arguments: &[Value]) -> Outcome {
    let ty = arguments[0].ty();
    match ty {
        Type::List(_) | Type::Tuple(_) => {}
        Type::Set(_) => {
            return fail_argument(
                0,
                "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
            );
        }
        _ => return fail_argument(0, "must be a list or tuple value"),
    }
    let items = elements(arguments, 0);
    let (start, end) = (integer(arguments, 1)?, integer(arguments, 2)?);
    let count = items.len() as i64;
    match () {
        () if start < 0 => fail_argument(1, "start index must not be less than zero"),
        () if start > count => fail_argument(1, "start index must not be greater than the length of the list"),
        () if end < 0 => fail_argument(2, "end index must not be less than zero"),
        () if end > count => fail_argument(2, "end index must not be greater than the length of the list"),
        () if start > end => fail_argument(1, "start index must not be greater than end index"),
        () => Ok(like(ty, items[start as usize..end as usize].to_vec())),
    }
}

fn sort(arguments: &[Value]) -> Outcome {
    let mut texts = Vec::new();
    for (position, item) in elements(arguments, 0).iter().enumerate() {
        match item.as_str() {
            Some(text) => texts.push(text),
            None => return fail(format!("given list element {position} is null; a null string cannot be sorted")),
        }
    }
    texts.sort_unstable();
    Ok(strings(texts))
}

fn transpose(arguments: &[Value]) -> Outcome {
    let mut turned: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in arguments[0].fields().into_iter().flatten() {
        for item in list.elements().unwrap_or_default() {
            let Some(text) = item.as_str() else { return fail("input must not contain null string values") };
            turned.entry(Arc::from(text)).or_default().push(Value::string(key));
        }
    }
    let lists = turned.into_iter().map(|(key, items)| (key, Value::list(Type::String, items)));
    Ok(Value::map(Type::list(Type::String), lists.collect()))
}

fn zip_map(arguments: &[Value]) -> Outcome {
    let (names, items) = (elements(arguments, 0), elements(arguments, 1));
    let ty = arguments[1].ty();
    if !matches!(ty, Type::List(_) | Type::Tuple(_)) {
        return fail("values argument must be a list or tuple value");
    }
    if names.len() != items.len() {
        return fail(format!("number of keys ({}) does not match number of values ({})", names.len(), items.len()));
    }
    let mut fields = Fields::new();
    for (name, item) in names.iter().zip(items) {
        let Some(name) = name.as_str() else { return fail("keys must not be null") };
        fields.insert(Arc::from(name), item.clone());
    }
    Ok(match ty {
        Type::List(element) => Value::map((**element).clone(), fields),
        _ => Value::object(fields),
    })
}
