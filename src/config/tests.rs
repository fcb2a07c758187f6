//! Tables of configurations; messages are those of Terraform 1.11 where it has them.

use super::{Config, Files, IgnoreChanges, load};
use windlass_api::{Type, Value};

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Loads one file; errors as `file:line: summary`.
fn check(name: &str, text: &str) -> (Config, Vec<String>) {
    let (config, diagnostics) = load(".", files(&[(name, text)]), &|_: &str| None);
    let shown = diagnostics.0.iter().map(|diagnostic| {
        let line = diagnostic.subject.map_or(0, |range| config.sources.position(range.source, range.start).line);
        format!("{line}: {}: {}", diagnostic.summary, diagnostic.detail)
    });
    let shown = shown.collect();
    (config, shown)
}

#[test]
fn a_whole_configuration() {
    let text = r#"
terraform {
  required_version = ">= 1.5, < 2.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
  backend "local" {
    path = "x"
  }
}
provider "aws" {
  region = "us-east-1"
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
variable "size" {
  type    = object({ a = string, b = optional(number, 3), c = optional(list(object({ d = optional(bool, true) })), []) })
  default = { a = "x" }
  sensitive = true
  validation {
    condition     = var.size.a != ""
    error_message = "empty"
  }
}
locals {
  one = 1
}
resource "aws_vpc" "main" {
  count    = 2
  provider = aws.west
  cidr_block = "10.0.0.0/16"
  depends_on = [data.aws_region.here]
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [tags["a"], cidr_block]
  }
  timeouts {
    create = "5m"
  }
}
data "aws_region" "here" {}
output "id" {
  value = aws_vpc.main[0].id
}
"#;
    let (config, errors) = check("main.tf", text);
    assert_eq!(errors, Vec::<String>::new());
    let root = &config.root;
    assert_eq!(&*root.required_providers["aws"].source, "registry.terraform.io/hashicorp/aws");
    assert_eq!(root.providers.len(), 2);
    let vpc = root.resources.values().find(|resource| &*resource.address.name == "main").unwrap();
    assert_eq!(vpc.provider.as_ref().unwrap().alias.as_deref(), Some("west"));
    assert_eq!(vpc.body.attributes.len(), 1);
    assert_eq!(vpc.body.blocks.len(), 1);
    assert!(matches!(&vpc.lifecycle.ignore_changes, IgnoreChanges::Attributes(list) if list.len() == 2));
    let variable = &root.variables["size"];
    let Type::Object(object) = &variable.ty else { panic!() };
    assert_eq!(object.optional.len(), 2);
    let given = Value::object_of([("a", "x".into()), ("c", Value::tuple(vec![Value::object_of([])]))]);
    let filled = variable.convert(&given).unwrap();
    assert_eq!(filled.get("b"), Some(&Value::int(3)));
    assert_eq!(filled.get("c").and_then(|list| list.elements()?[0].get("d")?.as_bool()), Some(true));
}

#[test]
fn mistakes_are_named_with_their_place() {
    for (text, expected) in [
        (
            "resurce \"a\" \"b\" {}",
            "1: Unsupported block type: Blocks of type \"resurce\" are not expected here. Did you mean \"resource\"?",
        ),
        ("resource \"aws_vpc\" {}", "1: Missing name for resource: All resource blocks must have 2 labels (type, name)."),
        ("resource \"a\" \"b\" \"c\" {}", "1: Extraneous label for resource"),
        ("resource \"a\" \"9x\" {}", "1: Invalid resource name"),
        ("resource \"a\" \"b\" {\n count = 1\n for_each = {}\n}", "3: Invalid combination of \"count\" and \"for_each\""),
        ("resource \"a\" \"b\" {\n lifecycle {\n  foo = 1\n }\n}", "3: Unsupported argument"),
        ("resource \"a\" \"b\" {\n lifecycle {\n  ignore_changes = [\"*\"]\n }\n}", "3: Invalid ignore_changes wildcard"),
        (
            "resource \"a\" \"b\" {\n lifecycle {}\n lifecycle {}\n}",
            "3: Duplicate lifecycle block: This resource already has a lifecycle block at main.tf:2,2-11.",
        ),
        ("resource \"a\" \"b\" {\n provisioner \"x\" {}\n}", "2: Blocks of type \"provisioner\" are not supported yet"),
        ("resource \"a\" \"b\" {\n provider = 3\n}", "2: Invalid provider configuration reference"),
        (
            "resource \"a\" \"b\" {\n provider = aws.east\n}\nprovider \"aws\" {\n alias = \"eest\"\n}",
            "1: Provider configuration not present: a.b uses the provider configuration aws.east, but no provider \"aws\" block with alias \"east\" is declared. Did you mean aws.eest?",
        ),
        ("resource \"a\" \"b\" {\n depends_on = [f(1)]\n}", "2: Invalid expression"),
        ("resource \"a\" \"b\" {\n depends_on = [\"c.d\"]\n}", "2: Quoted references are deprecated"),
        (
            "resource \"a\" \"b\" {}\nresource \"a\" \"b\" {}",
            "2: Duplicate resource \"a\" configuration: A a resource named \"b\" was already declared at main.tf:1,1-17.",
        ),
        ("data \"a\" \"b\" {\n lifecycle {\n  prevent_destroy = true\n }\n}", "3: Invalid data resource lifecycle argument"),
        ("variable \"count\" {}", "1: Invalid variable name: The variable name \"count\" is reserved"),
        (
            "variable \"a\" {\n type = strng\n}",
            "2: Invalid type specification: The keyword \"strng\" is not a valid type specification. Did you mean \"string\"?",
        ),
        ("variable \"a\" {\n type = \"string\"\n}", "2: Invalid quoted type constraints"),
        ("variable \"a\" {\n type = list(string, number)\n}", "2: Invalid type specification: The list type constructor"),
        ("variable \"a\" {\n type = object({ b = optional() })\n}", "2: Invalid type specification: Optional attribute modifier"),
        ("variable \"a\" {\n type = number\n default = \"abc\"\n}", "3: Invalid default value for variable"),
        ("variable \"a\" {\n default = var.b\n}", "2: Variables not allowed"),
        ("variable \"a\" {\n default = f(1)\n}", "2: Function calls not allowed"),
        ("variable \"a\" {\n sensitive = 3\n}", "2: Unsuitable value type"),
        ("variable \"a\" {\n validation {\n  condition = var.b\n  error_message = \"\"\n }\n}", "3: Invalid variable validation condition"),
        ("variable \"a\" {\n validation {\n  condition = var.a\n }\n}", "2: Missing required argument: The argument \"error_message\""),
        ("output \"o\" {}", "1: Missing required argument: The argument \"value\" is required"),
        ("locals {\n a = 1\n}\nlocals {\n a = 2\n}", "5: Duplicate local value definition"),
        ("locals {\n x {}\n}", "2: Unexpected \"x\" block"),
        ("provider \"aws\" {}\nprovider \"aws\" {}", "2: Duplicate provider configuration"),
        ("provider \"aws\" {\n alias = \"x y\"\n}", "2: Invalid provider configuration alias"),
        ("module \"m\" {}", "1: Missing required argument: The argument \"source\""),
        ("module \"m\" {\n source = \"terraform-aws-modules/vpc/aws\"\n}", "1: Module not installed"),
        ("module \"m\" {\n source = \"foo\"\n}", "2: Invalid module source address: Windlass failed to determine"),
        ("module \"m\" {\n source = \"./foo\"\n version = \"1\"\n}", "2: Invalid registry module source address"),
        ("module \"m\" {\n source = \"a/b/c\"\n version = \"x\"\n}", "3: Invalid version constraint"),
        ("module \"m\" {\n source = \"./nowhere\"\n}", "2: Unreadable module directory"),
        ("terraform {\n required_version = \">= 99\"\n}\nfoo = 1", "2: Unsupported Terraform Core version"),
        ("terraform {\n required_version = \"foo\"\n}", "2: Invalid version constraint"),
        ("terraform {\n required_providers {\n  aws = \">= 5, < x\"\n }\n}", "3: Invalid version constraint"),
        ("terraform {\n required_providers {\n  a = { source = \"a/b/c/d\" }\n }\n}", "3: Invalid provider source string"),
        ("terraform {\n required_providers {\n  a = { versio = \"1\" }\n }\n}", "3: Invalid required_providers object"),
        ("workload \"w\" {}", "1: Workload in a Terraform file"),
        ("locals {\n a = workload.x.y\n}", "2: Reference to a workload in a Terraform file"),
        ("foo = 1", "1: Unsupported argument"),
    ] {
        let (_, errors) = check("main.tf", text);
        assert!(errors.len() == 1 && errors[0].starts_with(expected), "{text}\n{errors:#?}");
    }
}

#[test]
fn moves_and_removals_name_what_can_be_moved() {
    for (text, expected) in [
        ("moved {\n from = a.b\n to = module.c\n}", "1: Invalid \"moved\" addresses"),
        ("moved {\n from = var.x\n to = a.b\n}", "2: Invalid address: The keyword \"var\" is reserved"),
        ("moved {\n from = a.b[each.key]\n to = a.c\n}", "2: Invalid expression"),
        ("moved {\n from = data.a.b\n to = a.c\n}", "2: Invalid address: A data source"),
        ("removed {\n from = a.b[0]\n}", "2: Resource instance keys not allowed"),
        ("removed {\n from = module.a[0].b.c\n}", "2: Module instance keys not allowed"),
        ("removed {\n}", "1: Missing required argument"),
    ] {
        let (_, errors) = check("main.tf", text);
        assert!(errors.len() == 1 && errors[0].starts_with(expected), "{text}\n{errors:#?}");
    }
}

#[test]
fn other_files_are_passed_over() {
    assert_eq!(check("notes.txt", "x {").1, Vec::<String>::new());
}

#[test]
fn workloads_stand_in_their_own_files() {
    let (config, errors) = check("main.wl.hcl", "workload \"bot\" {\n service \"chat\" {}\n}\nlocals {\n a = workload.bot.chat\n}");
    assert_eq!(errors, Vec::<String>::new());
    assert!(config.root.workloads.contains_key("bot"));
    let (_, errors) = check("main.wl.hcl", "workload \"bot\" {}\nmodule \"bot\" {\n source = \"./x\"\n}");
    assert!(errors.iter().any(|error| error.starts_with("1: Workload with the name of a module")));
}

#[test]
fn modules_are_called_by_local_paths() {
    let child = |folder: &str| match folder {
        "modules/a" => Some(files(&[("main.tf", "variable \"x\" {}\nmodule \"b\" {\n source = \"../b\"\n}")])),
        "modules/b" => Some(files(&[("main.tf", "variable \"y\" {\n default = 1\n}")])),
        "modules/c" => Some(files(&[("main.tf", "module \"c\" {\n source = \"../c\"\n}")])),
        _ => None,
    };
    let root = |text: &str| load(".", files(&[("main.tf", text)]), &child);
    let (config, diagnostics) = root("module \"a\" {\n source = \"./modules/a\"\n x = 1\n}");
    assert!(diagnostics.is_empty());
    let inner = &config.root.module_calls["a"].module.module_calls["b"].module;
    assert_eq!((inner.path.to_string().as_str(), &*inner.folder), ("module.a.module.b", "modules/b"));
    let (config, diagnostics) = root("module \"a\" {\n source = \"./modules/a\"\n xx = 1\n}");
    let summaries: Vec<_> = diagnostics.0.iter().map(|diagnostic| diagnostic.summary.as_str()).collect();
    assert_eq!(summaries, ["Unsupported argument", "Missing required argument"]);
    assert_eq!(diagnostics.0[0].context_in(&config.sources), Some("module \"a\""));
    assert_eq!(root("module \"c\" {\n source = \"./modules/c\"\n}").1.0[0].summary, "Module calls itself");
}
