//! A policy document as `aws_iam_policy_document` renders it, byte by byte.
//!
//! The rules are those of the Terraform provider (internal/service/iam/policy_model.go): a single value stands without brackets,
//! several stand in reverse order, the values of conditions keep their order, and `<`, `>`, `&` are escaped as Go's encoder does.

use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// A document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Document {
    /// Empty when none is said.
    pub(crate) version: String,
    /// Empty for none.
    pub(crate) id: String,
    /// Its statements in order.
    pub(crate) statements: Vec<Statement>,
}

/// A statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Statement {
    /// Empty for none.
    pub(crate) sid: String,
    /// `Allow` or `Deny`.
    pub(crate) effect: String,
    /// `Action`, `NotAction`, `Resource`, `NotResource`: JSON as it is rendered.
    pub(crate) fields: BTreeMap<&'static str, Json>,
    /// Type and identifiers; a list of one is not the same as a single text.
    pub(crate) principals: Vec<(String, Json)>,
    /// As `principals`, of `NotPrincipal`.
    pub(crate) not_principals: Vec<(String, Json)>,
    /// Test, variable, values.
    pub(crate) conditions: Vec<(String, String, Vec<String>)>,
}

/// What is wrong with a source document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatementError(pub(crate) String);

/// The order in which a statement's fields are written.
const ORDER: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];

/// One text alone, several in reverse order.
pub(crate) fn strings(mut values: Vec<String>) -> Json {
    if values.len() == 1 {
        return Json::String(values.remove(0));
    }
    values.sort();
    values.reverse();
    values.into()
}

impl Document {
    /// Parses a document that another was rendered to or that a user wrote.
    ///
    /// # Errors
    /// When the text is no policy document.
    pub(crate) fn parse(text: &str) -> Result<Document, StatementError> {
        let json: Json = serde_json::from_str(text).map_err(|error| StatementError(error.to_string()))?;
        let fields = json.as_object().ok_or_else(|| StatementError("it is no JSON object".to_owned()))?;
        let string = |name: &str| fields.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let statements = match fields.get("Statement") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(list)) => list.iter().map(Statement::parse).collect::<Result<_, _>>()?,
            Some(one) => vec![Statement::parse(one)?],
        };
        Ok(Document { version: string("Version"), id: string("Id"), statements })
    }

    /// Takes over another document's id, newer version and statements; a statement replaces one of the same sid.
    pub(crate) fn merge(&mut self, other: Document) {
        if !other.id.is_empty() {
            self.id = other.id;
        }
        if other.version > self.version {
            self.version = other.version;
        }
        for statement in other.statements {
            let same = self.statements.iter_mut().find(|known| !statement.sid.is_empty() && known.sid == statement.sid);
            match same {
                Some(known) => *known = statement,
                None => self.statements.push(statement),
            }
        }
    }

    /// The document over several lines, and in one.
    pub(crate) fn render(&self) -> (String, String) {
        let json = self.to_json();
        let pretty = serde_json::to_string_pretty(&json).unwrap_or_default();
        (escape(&pretty), escape(&json.to_string()))
    }

    fn to_json(&self) -> Json {
        let mut fields = Map::new();
        for (name, value) in [("Version", &self.version), ("Id", &self.id)] {
            if !value.is_empty() {
                fields.insert(name.to_owned(), value.clone().into());
            }
        }
        if !self.statements.is_empty() {
            fields.insert("Statement".to_owned(), self.statements.iter().map(Statement::to_json).collect());
        }
        Json::Object(fields)
    }
}

impl Statement {
    fn parse(json: &Json) -> Result<Statement, StatementError> {
        let fields = json.as_object().ok_or_else(|| StatementError("a statement is no JSON object".to_owned()))?;
        let string = |name: &str| fields.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let kept = ORDER.into_iter().filter_map(|name| Some((name, fields.get(name).filter(|value| !value.is_null())?.clone())));
        Ok(Statement {
            sid: string("Sid"),
            effect: string("Effect"),
            fields: kept.collect(),
            principals: parse_principals(fields.get("Principal"))?,
            not_principals: parse_principals(fields.get("NotPrincipal"))?,
            conditions: parse_conditions(fields.get("Condition"))?,
        })
    }

    fn to_json(&self) -> Json {
        let mut fields = Map::new();
        for (name, value) in [("Sid", &self.sid), ("Effect", &self.effect)] {
            if !value.is_empty() {
                fields.insert(name.to_owned(), value.clone().into());
            }
        }
        for name in ORDER {
            if let Some(value) = self.fields.get(name) {
                fields.insert(name.to_owned(), value.clone());
            }
        }
        for (name, principals) in [("Principal", &self.principals), ("NotPrincipal", &self.not_principals)] {
            if !principals.is_empty() {
                fields.insert(name.to_owned(), principals_json(principals));
            }
        }
        if !self.conditions.is_empty() {
            fields.insert("Condition".to_owned(), conditions_json(&self.conditions));
        }
        Json::Object(fields)
    }
}

fn texts(json: &Json) -> Option<Vec<String>> {
    json.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn parse_principals(json: Option<&Json>) -> Result<Vec<(String, Json)>, StatementError> {
    match json {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::String(_)) => Ok(vec![("*".to_owned(), vec!["*".to_owned()].into())]),
        Some(Json::Object(kinds)) => kinds
            .iter()
            .map(|(kind, value)| match (value.as_str(), texts(value)) {
                (Some(_), _) => Ok((kind.clone(), value.clone())),
                (None, Some(list)) => Ok((kind.clone(), list.into())),
                (None, None) => Err(StatementError(format!("the principal {kind} is neither a string nor a list of strings"))),
            })
            .collect(),
        Some(_) => Err(StatementError("a principal is neither a string nor an object".to_owned())),
    }
}

fn parse_conditions(json: Option<&Json>) -> Result<Vec<(String, String, Vec<String>)>, StatementError> {
    let Some(json) = json.filter(|json| !json.is_null()) else { return Ok(Vec::new()) };
    let wrong = || StatementError("a condition is no object of objects".to_owned());
    let mut conditions = Vec::new();
    for (test, variables) in json.as_object().ok_or_else(wrong)? {
        for (variable, value) in variables.as_object().ok_or_else(wrong)? {
            let values = match value {
                Json::String(text) => vec![text.clone()],
                Json::Array(_) => texts(value).ok_or_else(wrong)?,
                other => vec![other.to_string()],
            };
            conditions.push((test.clone(), variable.clone(), values));
        }
    }
    Ok(conditions)
}

/// Principals by type. Only `{"*": "*"}` becomes `"*"`: IAM tells `"*"` from `{"AWS": "*"}`.
fn principals_json(principals: &[(String, Json)]) -> Json {
    if let [(kind, identifiers)] = principals
        && kind == "*"
        && (identifiers.as_str() == Some("*") || texts(identifiers).is_some_and(|list| list == ["*"]))
    {
        return "*".into();
    }
    let mut by_kind: BTreeMap<&str, Json> = BTreeMap::new();
    for (kind, identifiers) in principals {
        let add = match texts(identifiers) {
            Some(mut list) => {
                list.sort();
                list.reverse();
                Json::from(list)
            }
            None => identifiers.clone(),
        };
        match by_kind.remove(kind.as_str()) {
            None => by_kind.insert(kind, add),
            Some(known) => {
                let flat = |json: Json| if let Json::Array(list) = json { list } else { vec![json] };
                by_kind.insert(kind, flat(known).into_iter().chain(flat(add)).collect())
            }
        };
    }
    by_kind.into_iter().map(|(kind, value)| (kind.to_owned(), value)).collect()
}

fn conditions_json(conditions: &[(String, String, Vec<String>)]) -> Json {
    let mut tests: BTreeMap<&str, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
    for (test, variable, values) in conditions {
        tests.entry(test).or_default().entry(variable).or_default().extend(values.iter().cloned());
    }
    let one = |mut values: Vec<String>| if values.len() == 1 { Json::String(values.remove(0)) } else { values.into() };
    tests
        .into_iter()
        .map(|(test, variables)| {
            let variables: Map<String, Json> = variables.into_iter().map(|(name, values)| (name.to_owned(), one(values))).collect();
            (test.to_owned(), Json::Object(variables))
        })
        .collect()
}

/// Go's encoder escapes what could end a script in HTML. These characters occur in strings only.
fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_rendered_as_terraform_renders_it() {
        // From the acceptance tests of the Terraform provider.
        let statement = Statement {
            sid: "1".into(),
            effect: "Allow".into(),
            fields: BTreeMap::from([
                ("Action", strings(vec!["s3:ListAllMyBuckets".into(), "s3:GetBucketLocation".into()])),
                ("Resource", strings(vec!["arn:aws:s3:::*".into()])),
            ]),
            principals: vec![("AWS".into(), strings(vec!["arn:blahblah:example".into(), "arn:blah:example".into()]))],
            conditions: vec![("StringLike".into(), "s3:prefix".into(), vec!["home/".into(), "".into(), "home/${aws:username}/".into()])],
            ..Statement::default()
        };
        let document = Document { version: "2012-10-17".into(), id: "policy_id".into(), statements: vec![statement] };
        let expected = r#"{
  "Version": "2012-10-17",
  "Id": "policy_id",
  "Statement": [
    {
      "Sid": "1",
      "Effect": "Allow",
      "Action": [
        "s3:ListAllMyBuckets",
        "s3:GetBucketLocation"
      ],
      "Resource": "arn:aws:s3:::*",
      "Principal": {
        "AWS": [
          "arn:blahblah:example",
          "arn:blah:example"
        ]
      },
      "Condition": {
        "StringLike": {
          "s3:prefix": [
            "home/",
            "",
            "home/${aws:username}/"
          ]
        }
      }
    }
  ]
}"#;
        assert_eq!(document.render().0, expected);
    }

    #[test]
    fn special_characters_and_the_one_star() {
        let statement = Statement { effect: "Deny".into(), principals: vec![("*".into(), "*".into())], ..Statement::default() };
        let document = Document { version: "2012-10-17".into(), id: "a<b>&".into(), statements: vec![statement] };
        let expected = r#"{"Version":"2012-10-17","Id":"a\u003cb\u003e\u0026","Statement":[{"Effect":"Deny","Principal":"*"}]}"#;
        assert_eq!(document.render().1, expected);
    }

    #[test]
    fn statements_of_one_sid_replace_each_other() {
        let mut document =
            Document::parse(r#"{"Version":"2008-10-17","Statement":[{"Sid":"a","Effect":"Allow"},{"Effect":"Allow"}]}"#).unwrap();
        let other = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Condition":{"Bool":{"x":true}}},{"Sid":"b","Effect":"Deny"}]}"#;
        document.merge(Document::parse(other).unwrap());
        let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Condition":{"Bool":{"x":"true"}}},{"Effect":"Allow"},{"Sid":"b","Effect":"Deny"}]}"#;
        assert_eq!(document.render().1, expected);
        assert!(Document::parse("[]").is_err());
    }
}
