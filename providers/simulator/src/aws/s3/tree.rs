//! XML bodies of requests as trees.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::error;
use crate::aws::error::AwsError;

/// An element without its attributes and namespaces.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

fn malformed() -> AwsError {
    error(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

impl Element {
    /// The root of a body; anything that is no XML or another root is refused.
    pub(super) fn parse(body: &[u8], root: &str) -> Result<Element, AwsError> {
        let mut reader = Reader::from_reader(body);
        let mut open = vec![Element::default()];
        loop {
            let event = reader.read_event().map_err(|_| malformed())?;
            match event {
                Event::Start(start) => open.push(Element { name: local_name(start.local_name().as_ref()), ..Element::default() }),
                Event::Empty(start) => {
                    let element = Element { name: local_name(start.local_name().as_ref()), ..Element::default() };
                    open.last_mut().ok_or_else(malformed)?.children.push(element);
                }
                Event::End(_) => {
                    let element = open.pop().ok_or_else(malformed)?;
                    open.last_mut().ok_or_else(malformed)?.children.push(element);
                }
                Event::Text(text) => open.last_mut().ok_or_else(malformed)?.text.push_str(&text.decode().map_err(|_| malformed())?),
                Event::GeneralRef(reference) => {
                    let name = reference.decode().map_err(|_| malformed())?;
                    let character = match &*name {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => reference.resolve_char_ref().ok().flatten().ok_or_else(malformed)?,
                    };
                    open.last_mut().ok_or_else(malformed)?.text.push(character);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let mut top = open.pop().filter(|_| open.is_empty()).ok_or_else(malformed)?;
        match top.children.pop() {
            Some(element) if element.name == root && top.children.is_empty() => Ok(element),
            _ => Err(malformed()),
        }
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

fn local_name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Element;

    #[test]
    fn bodies_become_trees() {
        let body = br#"<?xml version="1.0"?><Tagging xmlns="x"><TagSet><Tag><Key>a &amp; b</Key><Value/></Tag></TagSet></Tagging>"#;
        let tagging = Element::parse(body, "Tagging").unwrap();
        let tag = tagging.child("TagSet").unwrap().child("Tag").unwrap();
        assert_eq!((tag.text("Key"), tag.text("Value")), (Some("a & b"), Some("")));
        for bad in [&b"<Tagging>"[..], b"<Other/>", b"", b"{}"] {
            assert_eq!(Element::parse(bad, "Tagging").unwrap_err().code, "MalformedXML");
        }
    }
}
