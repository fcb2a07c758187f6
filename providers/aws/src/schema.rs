//! The packed schemas of every type of the Terraform provider `hashicorp/aws`.

use std::sync::LazyLock;
use windlass_api::schema::pack::SchemaPack;

static PACK: LazyLock<SchemaPack> =
    LazyLock::new(|| SchemaPack::open(include_bytes!("../schemas/aws.pack")).expect("the built-in pack opens"));

/// All schemas: resources, data sources, and the `provider "aws"` block under the name `aws`.
pub fn pack() -> &'static SchemaPack {
    &PACK
}

#[cfg(test)]
mod tests {
    use super::pack;
    use windlass_api::{Mode, Nesting, Type, Value};

    #[test]
    fn every_schema_decodes() {
        let mut counts = [0, 0];
        for (mode, count) in [Mode::Managed, Mode::Data].into_iter().zip(&mut counts) {
            for name in pack().type_names(mode) {
                let schema = pack().schema(mode, name).unwrap();
                assert!(!schema.block.attributes.is_empty() || !schema.block.blocks.is_empty(), "{name}");
                *count += 1;
            }
        }
        assert_eq!(counts, [1690, 673]);
        assert!(pack().schema(Mode::Managed, "aws_nothing").is_none());
    }

    #[test]
    fn a_schema_holds_what_the_dump_said() {
        let bucket = pack().schema(Mode::Managed, "aws_s3_bucket").unwrap();
        assert!(bucket.importable);
        assert_eq!(bucket.timeouts_seconds["delete"], 3600);
        let name = &bucket.block.attributes["bucket"];
        assert!(name.optional && name.computed && name.force_new && !name.required);
        assert_eq!(*name.conflicts_with, ["bucket_prefix".into()]);
        assert_eq!(bucket.block.attributes["tags"].ty, Type::map(Type::String));
        assert_eq!(bucket.block.attributes["force_destroy"].default, Some(Value::bool(false)));
        let rules = &bucket.block.blocks["lifecycle_rule"];
        assert!(rules.computed && rules.nesting == Nesting::List);
        let endpoint = pack().schema(Mode::Managed, "aws_vpc_endpoint").unwrap();
        assert_eq!(endpoint.block.attributes["vpc_endpoint_type"].default, Some(Value::string("Gateway")));
        let provider = pack().configuration("aws").unwrap();
        assert!(provider.block.blocks["endpoints"].block.attributes.contains_key("ec2"));
        assert_eq!(provider.block.blocks["assume_role"].maximum_items, 0);
    }
}
