//! Tables of inputs; what Terraform 1.11 makes of each was looked up by running it.

use super::{parse_expression, parse_file, parse_template};
use crate::diagnostic::SourceId;
use crate::syntax::ast::{Body, ExpressionKind as Kind};
use crate::syntax::shown::show;

const SOURCE: SourceId = SourceId(0);

fn parse(text: &str) -> String {
    match parse_expression(SOURCE, text, 0) {
        Ok(expression) => show(&expression),
        Err(errors) => errors.0.iter().map(|error| format!("{}: {}", error.summary, error.detail)).collect::<Vec<_>>().join("; "),
    }
}

#[test]
fn expressions() {
    for (text, expected) in [
        ("1 + 2 * 3 - 4", "(Subtract (Add 1 (Multiply 2 3)) 4)"),
        ("-a.b + !c", "(Add (Negate a.b) (Not c))"),
        ("a == b && c != d || e < 1", "(Or (And (Equal a b) (NotEqual c d)) (Less e 1))"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("(1 +\n 2)", "<(Add 1 2)>"),
        ("[1, 2,\n# comment\n 3,\n]", "[1 2 3]"),
        (
            "{ a = 1, b = 2\n c : 3\n\n \"d e\" = 4, (x.y) = 5, true = 6, null = 7 }",
            r#"{"a"=1 "b"=2 "c"=3 "d e"=4 <x.y>=5 "true"=6 "null"=7}"#,
        ),
        ("{ f(x)[0] = 1 }", "{f(x)[0]=1}"),
        ("a.b[0].c[\"d\"].0.e", "a.b[0].c[\"d\"][0].e"),
        ("a.*.b.c[0]", "splat(a @.b.c)[0]"),
        ("a[*].b[0].c[*].d", "splat(a splat(@.b[0].c @.d))"),
        ("f(a, b...)", "f(a b...)"),
        ("core::max(1,\n2,\n)", "core::max(1 2)"),
        ("provider::terraform::encode_expr(1)", "provider::terraform::encode_expr(1)"),
        ("[\nfor k,\n v in {a=1}\n :\n k\n if true]", "for(k,v in {\"a\"=1}: k if true)"),
        ("[for\r\nv in x : v]", "for(v in x: v)"),
        ("{for k in x : k => k...}", "for(k in x: k=>k...)"),
        ("{\n\n  for k in x :\n k => k }", "for(k in x: k=>k)"),
        ("/* a */ 1 // b", "1"),
        ("for", "for"),
    ] {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn templates() {
    for (text, expected) in [
        (r#""a\tb\u00e9\U0001F600\"""#, r#""a\tbé😀\"""#),
        (r#""$$${x} $$$${a} %%{x} $a %b $""#, r#""$${x} $$${a} %{x} $a %b $""#),
        (r#""${x}""#, "`${x}`"),
        (r#""${"x${ "y" }"}-${ {a = 1}.a }""#, r#"`${`"x"${"y"}`}"-"${{"a"=1}.a}`"#),
        (r#""%{ if t }a\tb%{ else }c%{ endif }""#, r#"`if(t "a\tb" | "c")`"#),
        (r#""%{ for i, v in xs ~} ${v} %{ endfor ~} x""#, r#"`for(i,v xs ${v}" ")"x"`"#),
        ("\"  ${~ x ~} \\n  ${~ y}\"", "`${x}${y}`"),
        ("<<EOT\n\\n \"q\" $${x}\nEOT\n", r#""\\n \"q\" ${x}\n""#),
        ("<<EOT\nx\n EOT  \n", r#""x\n""#),
        ("<<-EOT\nEOT\n", r#""""#),
        ("<<-EOT\n    a\n\n      \n      b\n    c\n  EOT\n", r#""a\n\n      \n  b\nc\n""#),
        ("<<-EOT\r\n    a\r\n    b\r\n  EOT\r\n", r#""a\r\nb\r\n""#),
        ("<<-EOT\n  a\n \tb\n   c\n  EOT\n", r#""a\nb\n c\n""#),
        ("<<-EOT\n    %{ if t ~}\n      foo\n    %{ endif ~}\n    bar\n  EOT\n", r#"`if(t "      foo\n" | )"    bar\n"`"#),
        (
            "<<-EOT\n      a\n    %{~ for k in x ~}\n      ${k}\n    %{~ endfor ~}\n      c\n  EOT\n",
            r#"`"      a\n"for(k x "      "${k}"\n")"      c\n"`"#,
        ),
        ("<<-EOT\n    a ${x}\n  ${x}\n      b\n  EOT\n", r#"`"  a "${x}"\n"${x}"\n    b\n"`"#),
        ("<<EOT\na${\nx\n}EOT\nEOT\n", r#"`"a"${x}"EOT\n"`"#),
    ] {
        let shown = parse(text);
        assert_eq!(shown, expected, "{text}");
    }
    assert_eq!(show(&parse_template(SOURCE, "a\\n\n\"${x}\"", 0).unwrap()), r#"`"a\\n\n\""${x}"\""`"#);
}

#[test]
fn broken_expressions_say_what_is_wrong() {
    for (text, expected) in [
        ("", "Missing expression"),
        ("[1 2]", "Missing item separator"),
        ("{ a = 1 b = 2 }", "Missing attribute separator"),
        ("{ a b }", "Missing attribute value"),
        ("{for=1}", "Invalid 'for' expression"),
        ("a.", "Invalid attribute name"),
        ("a[1", "Missing close bracket on index"),
        ("a.0.1", "Invalid legacy index syntax"),
        ("a.*.c.*.d", "Nested splat expression not allowed"),
        ("[for k in x : k => 2]", "Invalid 'for' expression: Key expression is not valid"),
        ("{for k in x : 1}", "Invalid 'for' expression: Key expression is required"),
        ("[for k in x 1]", "Invalid 'for' expression: For expression requires a colon"),
        ("\"${a b}\"", "Extra characters after interpolation expression"),
        ("\"%{ foo }\"", "Invalid template control keyword"),
        ("\"%{ if a }\"", "Unexpected end of template"),
        ("\"%{ endif }\"", "Unexpected endif directive"),
        ("\"%{ if a }%{ endfor }\"", "Unexpected endfor directive"),
        ("core::a", "Missing open parenthesis"),
        ("f(a", "Unterminated function call"),
        ("f(1 2)", "Missing argument separator"),
        ("f(a... b)", "Missing closing parenthesis"),
        ("\"\\q\"", "Invalid escape sequence: The symbol \"q\""),
        ("\"\\u00\"", "Invalid escape sequence"),
        ("'abc'", "Invalid character: Single quotes"),
        ("`a`", "Invalid character: The \"`\""),
        ("a & b", "Unsupported operator"),
        ("a ? b", "Missing false expression in conditional"),
        ("(1", "Unbalanced parentheses"),
        ("\"a\nb\"", "Invalid multi-line string"),
        ("<<EOT\na\n", "Unterminated template string"),
        ("<<EOT\na\nEOT", "Unterminated template string"),
        ("/* a", "Unterminated comment"),
        ("1 1", "Extra characters after expression"),
    ] {
        let shown = parse(text);
        assert!(shown.starts_with(expected), "{text}: {shown}");
    }
}

/// The summaries of a file's errors with their lines, and the names that were read in spite of them.
fn file(text: &str) -> (Vec<String>, Vec<String>) {
    let (body, errors) = parse_file(SOURCE, text);
    let line = |start: u32| text[..start as usize].matches('\n').count() + 1;
    let errors = errors.0.iter().map(|error| format!("{}: {}", line(error.subject.unwrap().start), error.summary)).collect();
    let mut names = Vec::new();
    read(&body, &mut names);
    (errors, names)
}

fn read(body: &Body, names: &mut Vec<String>) {
    names.extend(body.attributes.iter().map(|attribute| attribute.name.name.to_string()));
    for block in &body.blocks {
        names.push(block.title());
        read(&block.body, names);
    }
}

#[test]
fn one_file_yields_several_errors() {
    for (text, errors, names) in [
        ("a = 1\nb = \nc = 3\n", vec!["2: Invalid expression"], vec!["a", "c"]),
        ("a = [1, 2\nb = 3\nlocals {\n  x = 1\n}\n", vec!["2: Missing item separator"], vec!["locals", "x"]),
        ("locals {\n  a = (1\n  b = )\n  c = 3\n}\nlocals {}\n", vec!["3: Unbalanced parentheses"], vec!["locals", "c", "locals"]),
        (
            "resource \"a\" \"b\" {\n  x = 1\n\nresource \"c\" \"d\" {\n  y = 1 1\n}\n",
            vec!["1: Unclosed configuration block", "5: Missing newline after argument"],
            vec!["resource \"c\" \"d\""],
        ),
        ("a = \"x\nb = 2\n", vec!["1: Invalid multi-line string"], vec!["b"]),
        ("a = \"${\"\nb = 2\n", vec!["1: Invalid multi-line string"], vec!["b"]),
        ("a = 1\na = 2\n", vec!["2: Attribute redefined"], vec!["a"]),
        (
            "b { x = 1, y = 2 }\nc { x = 1\n}\nd {}\n",
            vec!["1: Invalid single-argument block definition", "2: Invalid single-argument block definition"],
            vec!["d"],
        ),
        (
            "o \"w\" = {\n}\no \"${x}\" {\n}\no \"z\"\n{\n}\no z {\n}\n",
            vec![
                "1: Invalid block definition",
                "3: Invalid string literal",
                "5: Invalid block definition",
                "6: Argument or block definition required",
            ],
            vec!["o \"z\""],
        ),
        ("\u{feff}a = 1\r\nb = 2\r\n", vec![], vec!["a", "b"]),
        (
            "a = 1 b = 2\nc = 5x\nd.e = 1\n\"f\" = 2\ng\n",
            vec![
                "1: Missing newline after argument",
                "2: Missing newline after argument",
                "3: Argument or block definition required",
                "4: Invalid argument name",
                "5: Argument or block definition required",
            ],
            vec![],
        ),
    ] {
        assert_eq!(file(text), (errors.into_iter().map(str::to_owned).collect(), names.into_iter().map(str::to_owned).collect()), "{text}");
    }
}

#[test]
fn ranges_are_those_of_the_text() {
    let text = "x {\n  a = b.c[0] + \"é${d}\"\n}\n";
    let (body, _) = parse_file(SOURCE, text);
    let attribute = &body.blocks[0].body.attributes[0];
    let slice = |start: u32, end: u32| &text[start as usize..end as usize];
    assert_eq!(slice(attribute.range.start, attribute.range.end), "a = b.c[0] + \"é${d}\"");
    let Kind::Binary(_, left, right) = &attribute.value.kind else { panic!() };
    assert_eq!(slice(left.range.start, left.range.end), "b.c[0]");
    assert_eq!(slice(right.range.start, right.range.end), "\"é${d}\"");
    assert_eq!(parse_expression(SOURCE, "1 +", 10).unwrap_err().0[0].subject.unwrap().start, 13);
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let nested = |open: &str, close: &str, count: usize| format!("{}1{}", open.repeat(count), close.repeat(count));
    for text in [
        nested("[", "]", 10_000),
        nested("(", ")", 10_000),
        nested("{a=", "}", 10_000),
        nested("\"${", "}\"", 10_000),
        nested("-", "", 10_000),
        nested("a[", "]", 10_000),
        nested("a ? ", " : b", 10_000),
        nested("1 + ", "", 10_000),
        nested("f(", ")", 10_000),
        format!("a{}", ".b".repeat(10_000)),
        format!("a{}", "[*]".repeat(10_000)),
        format!("\"{}{}\"", "%{if a}".repeat(10_000), "%{endif}".repeat(10_000)),
    ] {
        assert!(parse(&text).starts_with("Nesting too deep"), "{} {}", &text[..10], parse(&text));
    }
    assert_eq!(file(&format!("{}{}", "a {\n".repeat(10_000), "}\n".repeat(10_000))).0[0], "501: Nesting too deep");
    assert!(parse(&nested("[", "]", 300)).starts_with("[["));
    assert!(parse(&nested("1 + ", "", 300)).starts_with("(Add"));
}
