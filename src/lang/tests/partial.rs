//! Unknown values, marks and messages.

use super::{Known, errors, run};
use crate::diagnostic::SourceId;
use crate::lang::evaluate;
use crate::syntax::parse_expression;
use windlass_api::value::convert::convert;
use windlass_api::{Marks, Type, Value};

fn scope() -> Known {
    let object = Value::object_of([("a", Value::unknown(Type::String)), ("b", Value::int(1))]);
    let variables = [
        ("unknown", Value::unknown(Type::String)),
        ("any", Value::unknown(Type::Dynamic)),
        ("list", Value::unknown(Type::list(Type::String))),
        ("number", Value::unknown(Type::Number)),
        ("truth", Value::unknown(Type::Bool)),
        ("object", object),
        ("secret", Value::string("hunter2").with_marks(Marks::SENSITIVE)),
        ("nothing", Value::null(Type::String)),
        ("map", convert(&Value::object_of([("k", Value::int(1))]), &Type::map(Type::Number)).unwrap()),
    ];
    let files = [("a.tpl", "hi ${name}!%{ for x in xs } ${x}%{ endfor }"), ("b.tpl", "${missing}")];
    Known { variables: variables.into(), files: files.into() }
}

fn check(text: &str, expected: Value) {
    let (value, messages) = run(text, &scope());
    assert!(messages.is_empty(), "{text}: {messages:?}");
    assert_eq!(value, expected, "{text}");
}

#[test]
fn unknowns_keep_what_is_known_of_them() {
    check("startswith(\"pre-${var.unknown}\", \"pre\")", true.into());
    check("\"x${var.unknown}\" == null", false.into());
    check("var.object.b", Value::int(1));
    check("[for k, v in var.object : k]", Value::tuple(vec!["a".into(), "b".into()]));
    check("length([var.unknown, 1])", Value::int(2));
    check("false && var.truth", false.into());
    check("true || var.truth", true.into());
    check("keys({ a = var.unknown })", Value::tuple(vec!["a".into()]));
    check("[for x in var.list : x]", Value::unknown(Type::Dynamic));
    check("var.any.foo[3]", Value::unknown(Type::Dynamic));
    check("lookup(var.object, \"b\", 2)", Value::int(1));
    check("try(var.any.x, 1)", Value::unknown(Type::Dynamic));
    check("try({ a = 1, b = timestamp() }.a, \"x\")", Value::int(1));
    check("contains([var.unknown, \"a\"], \"a\")", true.into());
    check("plantimestamp()", "2026-01-02T03:04:05Z".into());
    for (text, ty) in [
        ("var.number + 1", Type::Number),
        ("var.truth ? 1 : \"a\"", Type::String),
        ("upper(var.unknown)", Type::String),
        ("var.list[0]", Type::String),
        ("var.list[*]", Type::list(Type::String)),
        ("length(var.list)", Type::Number),
        ("timestamp()", Type::String),
        ("uuid()", Type::String),
        ("file(\"later\")", Type::String),
        ("fileset(\".\", \"*\")", Type::set(Type::String)),
        ("split(\",\", var.unknown)", Type::list(Type::String)),
        ("can(var.any.x)", Type::Bool),
        ("concat(var.list, tolist([\"a\"]))", Type::list(Type::String)),
    ] {
        let (value, messages) = run(text, &scope());
        assert!(messages.is_empty() && !value.is_known(), "{text}: {value:?} {messages:?}");
        assert_eq!(*value.ty(), ty, "{text}");
    }
}

#[test]
fn marks_cling_to_every_result() {
    for text in [
        "\"${var.secret}!\"",
        "upper(var.secret)",
        "var.secret == \"x\"",
        "var.secret == \"x\" ? 1 : 2",
        "{ (var.secret) = 1 }",
        "[for c in split(\"\", var.secret) : c]",
        "{ for c in [\"a\"] : c => 1 if var.secret != \"\" }",
        "sensitive([1])[0]",
        "sensitive({ a = 1 }).a",
        "[1, 2][length(var.secret) - 7]",
        "try(var.secret, 1)",
        "toset([var.secret])",
        "merge(sensitive({ a = 1 }), { b = 2 })",
        "jsonencode({ a = var.secret })",
        "format(\"%s\", var.secret)",
        "templatefile(\"a.tpl\", { name = var.secret, xs = [] })",
        "length(sensitive([1]))",
        "-sensitive(1)",
        "\"%{ if var.secret == \"\" }a%{ endif }\"",
        "sensitive([1])[*]",
    ] {
        let (value, messages) = run(text, &scope());
        assert!(messages.is_empty(), "{text}: {messages:?}");
        assert!(value.marks().is_sensitive(), "{text}: {value:?}");
    }
    check("issensitive({ a = var.secret })", false.into());
    check("issensitive({ a = var.secret, b = 1 }.b)", false.into());
    check("issensitive([1, var.secret][0])", false.into());
}

#[test]
fn templates_from_files_see_their_variables_only() {
    check("templatefile(\"a.tpl\", { name = \"Ada\", xs = [1, 2] })", "hi Ada! 1 2".into());
    check("templatefile(\"later.tpl\", {})", Value::unknown(Type::Dynamic));
    let [error] = &errors("templatefile(\"b.tpl\", { missin = 1 })", &scope())[..] else { panic!() };
    assert!(error.contains("b.tpl:1,3-10") && error.contains("\"missing\"") && error.contains("\"missin\""), "{error}");
}

#[test]
fn errors_speak_as_terraform_does() {
    for (text, expected) in [
        ("1 + true", "Unsuitable value for right operand: number required."),
        ("var.nothing + 1", "Error during operation: argument must not be null."),
        ("0 / 0", "Error during operation: can't divide zero by zero or infinity by infinity."),
        ("var.object.c.d", "This object does not have an attribute named \"c\"."),
        ("var.map.z", "This map does not have an element with the key \"z\"."),
        ("[1][5]", "The given key does not identify an element in this collection value."),
        ("toset([1])[0]", "Elements of a set are identified only by their value"),
        ("var.nothing.x", "This value is null, so it does not have any attributes."),
        ("true ? 1 : [1]", "The 'true' value is number, but the 'false' value is tuple."),
        ("uper(\"x\")", "There is no function named \"uper\". Did you mean \"upper\"?"),
        ("upper()", "Function \"upper\" expects 1 argument(s). Missing value for \"str\"."),
        ("upper([1])", "Invalid value for \"str\" parameter: string required."),
        ("max(1...)", "must be of a tuple, list, or set type"),
        ("[for x in 1 : x]", "A value of type number cannot be used as the collection in a 'for' expression."),
        ("{ for x in [1, 1] : x => 1 }", "Two different items produced the key \"1\""),
        ("\"a${[1]}\"", "Cannot include the given value in a string template: string required."),
        ("try([1][2], \"${null}x\")", "no expression succeeded"),
        ("tonumber(var.secret)", "cannot convert (sensitive value) to number"),
    ] {
        let found = errors(text, &scope());
        assert!(found.len() == 1 && found[0].contains(expected), "{text}: {found:?}");
    }
}

#[test]
fn several_mistakes_are_told_at_once_and_secrets_are_not() {
    let (_, messages) = run("[var.map.z, upper([var.secret]), var.undeclared]", &scope());
    assert_eq!(messages.0.len(), 3, "{messages:?}");
    assert!(!format!("{messages:?}").contains("hunter2"));
    assert_eq!(messages.0[1].values[0].traversal, "var.map");
    assert!(errors("try(var.undeclared, 1)", &scope()).len() == 1, "a mistake of the configuration is no failed attempt");
    assert!(errors("true ? 1 : var.undeclared", &scope()).len() == 1);
    assert!(errors("true ? 1 : var.map.z", &scope()).is_empty());
}

#[test]
fn depth_costs_no_stack() {
    let text = format!("1{}", " + 1".repeat(450));
    let expression = parse_expression(SourceId(0), &text, 0).unwrap();
    let small = std::thread::Builder::new().stack_size(64 * 1024);
    let total = small.spawn(move || evaluate(&expression, &Known::default()).0).unwrap().join().unwrap();
    assert_eq!(total, Value::int(451));
}
