//! A small writer of XML, enough for the replies of the Query protocols and S3.

use std::fmt::Display;

use super::error::escape;

/// XML text under construction. Elements come out in the order written.
#[derive(Clone, Debug, Default)]
pub struct Xml {
    text: String,
}

impl Xml {
    pub fn new() -> Self {
        Self::default()
    }

    /// `<tag>value</tag>`, escaped.
    pub fn text(&mut self, tag: &str, value: impl Display) -> &mut Self {
        let value = escape(&value.to_string());
        self.text.push_str(&format!("<{tag}>{value}</{tag}>"));
        self
    }

    /// `text` where there is a value.
    pub fn optional(&mut self, tag: &str, value: Option<impl Display>) -> &mut Self {
        if let Some(value) = value {
            self.text(tag, value);
        }
        self
    }

    /// An element with content.
    pub fn node(&mut self, tag: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.text.push_str(&format!("<{tag}>"));
        fill(self);
        // The tag may carry attributes; the closing one must not.
        let name = tag.split(' ').next().unwrap_or(tag);
        self.text.push_str(&format!("</{name}>"));
        self
    }

    /// A list of EC2: `<tag><item>…</item></tag>`.
    pub fn items<T>(&mut self, tag: &str, items: impl IntoIterator<Item = T>, each: impl FnMut(&mut Self, T)) -> &mut Self {
        self.list(tag, "item", items, each)
    }

    /// A list of the other Query services: `<tag><member>…</member></tag>`.
    pub fn members<T>(&mut self, tag: &str, items: impl IntoIterator<Item = T>, each: impl FnMut(&mut Self, T)) -> &mut Self {
        self.list(tag, "member", items, each)
    }

    /// A list whose elements have a tag of their own.
    pub fn list<T>(&mut self, tag: &str, item: &str, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) -> &mut Self {
        self.node(tag, |xml| {
            for value in items {
                xml.node(item, |xml| each(xml, value));
            }
        })
    }

    /// A list of plain texts with elements named `item`.
    pub fn texts<T: Display>(&mut self, tag: &str, item: &str, items: impl IntoIterator<Item = T>) -> &mut Self {
        self.node(tag, |xml| {
            for value in items {
                xml.text(item, value);
            }
        })
    }

    /// Text that is XML already.
    pub fn raw(&mut self, xml: &str) -> &mut Self {
        self.text.push_str(xml);
        self
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn into_string(self) -> String {
        self.text
    }
}
