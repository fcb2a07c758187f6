//! User names and passwords of hosts, from the file that curl and git read too.

use super::Settings;
use std::path::PathBuf;

/// Who one is at a host.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
}

/// The entries of a `.netrc`, in order; without a host, it is the one for all others.
#[derive(Clone, Default)]
pub(super) struct Netrc(Vec<(Option<String>, Login)>);

impl Netrc {
    /// Reads the file that `NETRC` names, or `.netrc` (`_netrc`) of the user's folder. A file that is not there is an empty one.
    pub(super) fn read(settings: &Settings) -> Netrc {
        let named = settings.variable("NETRC").map(PathBuf::from);
        let usual = ["/.netrc", "/_netrc"].iter().filter_map(|name| Some(settings.home.as_ref()?.join(&name[1..])));
        let text = named.into_iter().chain(usual).find_map(|path| std::fs::read_to_string(path).ok());
        text.map_or_else(Netrc::default, |text| Netrc::parse(&text))
    }

    /// Who one is at this host.
    pub(super) fn login(&self, host: &str) -> Option<&Login> {
        self.0.iter().find(|(entry, _)| entry.as_deref().is_none_or(|entry| entry.eq_ignore_ascii_case(host))).map(|(_, login)| login)
    }

    fn parse(text: &str) -> Netrc {
        let mut entries: Vec<(Option<String>, Login)> = Vec::new();
        let mut is_macro = false;
        for line in text.lines() {
            // A macro goes on to the next empty line.
            is_macro &= !line.trim().is_empty();
            if is_macro {
                continue;
            }
            let mut words = line.split_whitespace();
            while let Some(word) = words.next() {
                let empty = || Login { user: String::new(), password: String::new() };
                match word {
                    "machine" => entries.push((words.next().map(str::to_owned), empty())),
                    "default" => entries.push((None, empty())),
                    "macdef" => {
                        is_macro = true;
                        break;
                    }
                    "login" | "password" | "account" => {
                        let value = words.next().unwrap_or_default().to_owned();
                        match (word, entries.last_mut()) {
                            ("login", Some((_, login))) => login.user = value,
                            ("password", Some((_, login))) => login.password = value,
                            _ => {}
                        }
                    }
                    comment if comment.starts_with('#') => break,
                    _ => {}
                }
            }
        }
        Netrc(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::{Login, Netrc};

    #[test]
    fn hosts_have_their_logins() {
        let netrc = Netrc::parse(
            "# ours\nmachine a.example login ann password one\nmachine b.example\n  login bob\n  password two\nmacdef init\nmachine c.example login x password y\n\ndefault login any password three\n",
        );
        let login = |user: &str, password: &str| Some(Login { user: user.to_owned(), password: password.to_owned() });
        for (host, expected) in
            [("a.example", login("ann", "one")), ("B.example", login("bob", "two")), ("c.example", login("any", "three"))]
        {
            assert_eq!(netrc.login(host).cloned(), expected, "{host}");
        }
        assert!(Netrc::parse("machine a.example login ann").login("b.example").is_none());
    }
}
