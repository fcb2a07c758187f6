//! The Query protocol: form parameters such as `Filter.1.Value.2` as a tree, actions, and replies in the envelopes of EC2 and of the others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::AwsError;
use super::xml::Xml;
use crate::message::{Request, Response, Service, form_pairs};
use crate::world::World;

/// A parameter, its value and what lies below it. `Filter.1.Name=x` is node `Filter`, node `1`, node `Name` with a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    below: BTreeMap<String, Node>,
}

impl Node {
    /// The tree of a request's parameters.
    pub fn parse(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut root = Self::default();
        for (key, value) in pairs {
            root.insert(&key, value);
        }
        root
    }

    /// Puts a value at a dotted path.
    pub fn insert(&mut self, path: &str, value: impl Into<String>) {
        let mut node = self;
        for part in path.split('.') {
            node = node.below.entry(part.to_owned()).or_default();
        }
        node.value = Some(value.into());
    }

    /// Puts a whole tree under a name, in place of what was there.
    pub fn graft(&mut self, name: &str, node: Node) {
        self.below.insert(name.to_owned(), node);
    }

    /// The node's own value.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// The node at a dotted path.
    pub fn child(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, part| node.below.get(part))
    }

    /// The value at a dotted path.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.child(path)?.value()
    }

    /// The value at a dotted path, as an owned text.
    pub fn owned(&self, path: &str) -> Option<String> {
        self.text(path).map(str::to_owned)
    }

    /// A value that the call can't do without.
    pub fn require(&self, path: &str) -> Result<&str, AwsError> {
        self.text(path).filter(|text| !text.is_empty()).ok_or_else(|| AwsError::missing(path))
    }

    /// `true` or `false`.
    pub fn flag(&self, path: &str) -> Option<bool> {
        self.text(path).map(|text| text.eq_ignore_ascii_case("true"))
    }

    /// A whole number; anything else is refused.
    pub fn number(&self, path: &str) -> Result<Option<i64>, AwsError> {
        let parse = |text: &str| {
            text.parse()
                .map_err(|_| AwsError::invalid_value(format!("Value ({text}) for parameter {path} is invalid. Expecting an integer.")))
        };
        self.text(path).map(parse).transpose()
    }

    /// The elements of a list: `Name.1`, `Name.2` or `Name.member.1`, in the order of their numbers.
    pub fn list(&self, path: &str) -> Vec<&Node> {
        self.child(path).map(Node::elements).unwrap_or_default()
    }

    /// The elements of this node as a list.
    pub fn elements(&self) -> Vec<&Node> {
        let node = self.below.get("member").unwrap_or(self);
        let mut numbered: Vec<(u64, &Node)> = node.below.iter().filter_map(|(key, value)| Some((key.parse().ok()?, value))).collect();
        numbered.sort_by_key(|(number, _)| *number);
        numbered.into_iter().map(|(_, value)| value).collect()
    }

    /// The texts of a list.
    pub fn texts(&self, path: &str) -> Vec<String> {
        self.list(path).into_iter().filter_map(|node| node.value.clone()).collect()
    }

    /// Names and nodes directly below.
    pub fn children(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.below.iter().map(|(key, node)| (key.as_str(), node))
    }

    /// Nothing here and nothing below.
    pub fn is_empty(&self) -> bool {
        self.value.is_none() && self.below.is_empty()
    }

    /// Lays another tree over this one, name by name; its values win.
    pub fn overlay(&mut self, other: &Node) {
        if other.value.is_some() {
            self.value.clone_from(&other.value);
        }
        for (key, node) in &other.below {
            // A list is replaced as a whole: what remains of a longer one would be mixed into it.
            if node.below.keys().all(|name| name.parse::<u64>().is_ok()) {
                self.below.insert(key.clone(), node.clone());
            } else {
                self.below.entry(key.clone()).or_default().overlay(node);
            }
        }
    }

    /// The tree without some of its names, as paths: what two calls with one client token are compared by.
    pub fn fingerprint(&self, without: &[&str]) -> String {
        let mut lines = Vec::new();
        self.flatten("", &mut lines);
        lines.retain(|line| !without.iter().any(|name| line.starts_with(&format!("{name}="))));
        lines.join("&")
    }

    fn flatten(&self, path: &str, lines: &mut Vec<String>) {
        if let Some(value) = &self.value {
            lines.push(format!("{path}={value}"));
        }
        for (key, node) in &self.below {
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            node.flatten(&below, lines);
        }
    }
}

/// One call of an action.
pub struct Call<'a> {
    pub request: &'a Request,
    pub params: &'a Node,
    pub action: &'a str,
    pub region: &'a str,
}

impl Call<'_> {
    pub fn dry_run(&self) -> bool {
        self.params.flag("DryRun") == Some(true)
    }

    /// EC2's answer to a dry run that would have gone through. An action calls it after its checks and before its effects.
    pub fn may_proceed(&self) -> Result<(), AwsError> {
        if self.dry_run() {
            return Err(AwsError::new(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."));
        }
        Ok(())
    }
}

/// What an action answers: the content of its reply.
#[derive(Default)]
pub struct Reply {
    pub xml: Xml,
    /// Set where a client token made the call a repeat of an earlier one.
    pub repeated: bool,
    /// The content stands beside the result element, for actions without one.
    pub without_result: bool,
}

impl Reply {
    pub fn write(fill: impl FnOnce(&mut Xml)) -> Result<Self, AwsError> {
        let mut xml = Xml::new();
        fill(&mut xml);
        Ok(Self { xml, ..Self::default() })
    }

    /// EC2's `<return>true</return>`.
    pub fn done() -> Result<Self, AwsError> {
        Self::write(|xml| {
            xml.text("return", true);
        })
    }

    /// A reply without a result element, as many actions of IAM and Auto Scaling have.
    pub fn bare() -> Result<Self, AwsError> {
        Ok(Self { without_result: true, ..Self::default() })
    }

    pub fn repeated(mut self, repeated: bool) -> Self {
        self.repeated = repeated;
        self
    }
}

/// An action: reads and changes the world, and answers.
pub type Action = fn(&mut World, &Call) -> Result<Reply, AwsError>;

/// Calls that only read: they are not journalled, and handlers of such names must not change the world.
pub fn only_reads(action: &str) -> bool {
    ["Describe", "Get", "List", "Head"].iter().any(|prefix| action.starts_with(prefix)) && action != "GetSessionToken"
}

/// The parameters of a request: its form body, else its query.
pub fn parameters(request: &Request) -> Node {
    let mut pairs = request.query_pairs();
    if request.method == "POST" {
        pairs.extend(form_pairs(&String::from_utf8_lossy(&request.body)));
    }
    Node::parse(pairs)
}

/// Answers a Query request with the action that the service's table has for it.
pub fn handle(world: &mut World, request: &Request, find: impl Fn(&str) -> Option<Action>) -> Response {
    let params = parameters(request);
    let action = params.text("Action").unwrap_or_default().to_owned();
    let Some(run) = find(&action) else {
        let message = format!("The action {action} is not valid for this web service.");
        return AwsError::bad("InvalidAction", message).respond(request);
    };
    let call = Call { request, params: &params, action: &action, region: &request.region };
    match run(world, &call) {
        Ok(reply) => envelope(request, &action, &reply),
        Err(error) => error.respond(request),
    }
}

fn envelope(request: &Request, action: &str, reply: &Reply) -> Response {
    let id = &request.request_id;
    let content = reply.xml.as_str();
    let body = match request.service {
        Service::Ec2 => {
            let namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{action}Response xmlns=\"{namespace}\"><requestId>{id}</requestId>{content}</{action}Response>"
            )
        }
        service => {
            let namespace = match service {
                Service::AutoScaling => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
                Service::Monitoring => "http://monitoring.amazonaws.com/doc/2010-08-01/",
                Service::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
                _ => "https://sts.amazonaws.com/doc/2011-06-15/",
            };
            let result = if reply.without_result { String::new() } else { format!("<{action}Result>{content}</{action}Result>") };
            format!(
                "<{action}Response xmlns=\"{namespace}\">{result}<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
            )
        }
    };
    let mut response = Response::new(200, "text/xml;charset=UTF-8", body);
    response.effect = !only_reads(action) && !reply.repeated;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_in_the_order_of_their_numbers() {
        let node = Node::parse((1..=11).rev().map(|number| (format!("Id.{number}"), format!("v{number}"))));
        assert_eq!(node.texts("Id")[9..], ["v10", "v11"]);
        let member = Node::parse([("Tags.member.1.Key".to_owned(), "a".to_owned())]);
        assert_eq!(member.list("Tags")[0].text("Key"), Some("a"));
    }

    #[test]
    fn overlay_replaces_lists_and_merges_structures() {
        let mut base = Node::parse([("A.1", "x"), ("A.2", "y"), ("B.C", "1"), ("B.D", "2")].map(|(k, v)| (k.to_owned(), v.to_owned())));
        base.overlay(&Node::parse([("A.1", "z"), ("B.C", "9")].map(|(k, v)| (k.to_owned(), v.to_owned()))));
        assert_eq!(base.texts("A"), ["z"]);
        assert_eq!((base.text("B.C"), base.text("B.D")), (Some("9"), Some("2")));
    }
}
