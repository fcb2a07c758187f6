//! `aws_iam_policy_document`: a policy document made from blocks. No call is made.

use super::DataSource;
use crate::client::Region;
use crate::policy::{Document, Statement, StatementError, strings};
use crate::resource::{Draft, Fetch};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use windlass_api::{Error, ErrorKind, Value};

/// The data source.
pub(crate) struct PolicyDocument;

#[async_trait::async_trait]
impl DataSource for PolicyDocument {
    fn name(&self) -> &'static str {
        "aws_iam_policy_document"
    }

    async fn read(&self, _region: &Region, config: &Value) -> Result<Draft, Error> {
        render(config).map_err(|StatementError(what)| Error::new(ErrorKind::Invalid, format!("writing IAM Policy Document: {what}")))
    }
}

fn wrong<T>(what: String) -> Result<T, StatementError> {
    Err(StatementError(what))
}

fn render(config: &Value) -> Result<Draft, StatementError> {
    for name in ["source_json", "override_json"] {
        if config.text(name).is_some() {
            return wrong(format!("{name} is not used any more: name the document in {}.", name.replace("_json", "_policy_documents")));
        }
    }
    let version = config.text("version").unwrap_or_else(|| "2012-10-17".to_owned());
    let mut merged = sources(config)?;
    merged.merge(Document {
        id: config.text("policy_id").unwrap_or_default(),
        statements: statements(config, &version)?,
        version: version.clone(),
    });
    for (position, text) in config.texts("override_policy_documents").unwrap_or_default().into_iter().enumerate() {
        let document = Document::parse(&text)
            .map_err(|StatementError(what)| StatementError(format!("merging override document {position}: {what}")))?;
        merged.merge(document);
    }
    let (json, minified) = merged.render();
    let mut hash = flate2::Crc::new();
    hash.update(json.as_bytes());
    let mut draft = Draft::new();
    draft.text("id", Some(hash.sum().to_string())).text("version", Some(version));
    draft.text("json", Some(json)).text("minified_json", Some(minified));
    Ok(draft)
}

fn sources(config: &Value) -> Result<Document, StatementError> {
    let mut merged = Document::default();
    let mut sids = BTreeSet::new();
    for (position, text) in config.texts("source_policy_documents").unwrap_or_default().into_iter().enumerate() {
        let document =
            Document::parse(&text).map_err(|StatementError(what)| StatementError(format!("merging source document {position}: {what}")))?;
        for (number, statement) in document.statements.iter().enumerate().filter(|(_, statement)| !statement.sid.is_empty()) {
            if !sids.insert(statement.sid.clone()) {
                return wrong(format!(
                    "merging source document {position}: duplicate Sid ({}) in source_policy_documents (statement {number}). \
                     Remove the Sid or ensure Sids are unique.",
                    statement.sid
                ));
            }
        }
        merged.merge(document);
    }
    Ok(merged)
}

fn statements(config: &Value, version: &str) -> Result<Vec<Statement>, StatementError> {
    let mut sids = BTreeSet::new();
    let mut all = Vec::new();
    for block in config.blocks("statement") {
        let statement = statement(block, version)?;
        if !statement.sid.chars().all(|character| character.is_ascii_alphanumeric()) {
            return wrong(format!("invalid value for sid ({}): must only include alphanumeric characters", statement.sid));
        }
        if !statement.sid.is_empty() && !sids.insert(statement.sid.clone()) {
            return wrong(format!("duplicate Sid ({}). Remove the Sid or ensure the Sid is unique.", statement.sid));
        }
        all.push(statement);
    }
    Ok(all)
}

fn statement(block: &Value, version: &str) -> Result<Statement, StatementError> {
    let mut statement = Statement {
        sid: block.text("sid").unwrap_or_default(),
        effect: block.text("effect").unwrap_or_else(|| "Allow".to_owned()),
        principals: principals(block.blocks("principals"), "principals", version)?,
        not_principals: principals(block.blocks("not_principals"), "not_principals", version)?,
        ..Statement::default()
    };
    for (name, field) in [("actions", "Action"), ("not_actions", "NotAction")] {
        if let Some(values) = block.texts(name).filter(|values| !values.is_empty()) {
            statement.fields.insert(field, strings(values));
        }
    }
    for (name, field) in [("resources", "Resource"), ("not_resources", "NotResource")] {
        if let Some(values) = block.texts(name).filter(|values| !values.is_empty()) {
            let values = sorted_first(values, name, version)?;
            statement.fields.insert(field, values);
        }
    }
    for condition in block.blocks("condition") {
        let values = condition.texts("values").unwrap_or_default();
        let values = values.into_iter().map(|text| variable(text, "condition", version)).collect::<Result<_, _>>()?;
        let part = |name: &str| condition.text(name).unwrap_or_default();
        statement.conditions.push((part("test"), part("variable"), values));
    }
    Ok(statement)
}

fn principals(blocks: &[Value], name: &str, version: &str) -> Result<Vec<(String, Json)>, StatementError> {
    let one = |block: &Value| {
        let identifiers = block.texts("identifiers").unwrap_or_default();
        Ok((block.text("type").unwrap_or_default(), sorted_first(identifiers, name, version)?))
    };
    blocks.iter().map(one).collect()
}

/// Sorted as written, then with variables put in, as the Terraform provider does.
fn sorted_first(values: Vec<String>, name: &str, version: &str) -> Result<Json, StatementError> {
    match strings(values) {
        Json::String(text) => Ok(Json::String(variable(text, name, version)?)),
        Json::Array(list) => {
            let texts = list.into_iter().filter_map(|item| item.as_str().map(str::to_owned));
            Ok(texts.map(|text| variable(text, name, version)).collect::<Result<Vec<_>, _>>()?.into())
        }
        other => Ok(other),
    }
}

/// `&{aws:username}` stands for `${aws:username}`, which the language would take for a template.
fn variable(text: String, name: &str, version: &str) -> Result<String, StatementError> {
    if version == "2008-10-17" && text.contains("&{") {
        return wrong(format!("reading {name}: found &{{ sequence in ({text}), which is not supported in document version 2008-10-17"));
    }
    Ok(text.replace("&{", "${"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use windlass_api::Type;

    fn list(values: &[&str]) -> Value {
        Value::tuple(values.iter().map(Value::string).collect())
    }

    #[test]
    fn blocks_become_a_document() {
        let principals = Value::object_of([("type", "Service".into()), ("identifiers", list(&["ec2.amazonaws.com"]))]);
        let condition = Value::object_of([("test", "Bool".into()), ("variable", "aws:x".into()), ("values", list(&["&{aws:u}"]))]);
        let block = Value::object_of([
            ("actions", list(&["sts:AssumeRole"])),
            ("resources", Value::null(Type::set(Type::String))),
            ("effect", Value::null(Type::String)),
            ("principals", Value::tuple(vec![principals])),
            ("condition", Value::tuple(vec![condition])),
        ]);
        let config = Value::object_of([("statement", Value::tuple(vec![block]))]);
        let draft = render(&config).unwrap();
        let expected = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"},"Condition":{"Bool":{"aws:x":"${aws:u}"}}}]}"#;
        assert_eq!(draft.0["minified_json"].as_str(), Some(expected));
    }

    #[test]
    fn sources_come_before_and_overrides_after() {
        let source = r#"{"Statement":[{"Sid":"a","Effect":"Allow","Action":"x"}]}"#;
        let config = Value::object_of([
            ("source_policy_documents", list(&[source])),
            ("override_policy_documents", list(&[r#"{"Statement":[{"Sid":"a","Effect":"Deny","Action":"x"}]}"#])),
        ]);
        let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Action":"x"}]}"#;
        assert_eq!(render(&config).unwrap().0["minified_json"].as_str(), Some(expected));
        let twice = Value::object_of([("source_policy_documents", list(&[source, source]))]);
        assert!(render(&twice).unwrap_err().0.contains("duplicate Sid (a)"));
    }
}
