//! Tests of addresses of modules: what is written, and what it is taken for.

use super::{ModuleSource, Package, Protocol, RegistrySource, hide_secrets};
use proptest::prelude::*;

#[test]
fn sources_are_normalised_as_terraform_does() {
    for (written, expected) in [
        ("./a", "./a"),
        ("./a//b/./c/", "./a/b/c"),
        ("../", "../"),
        ("..", "../"),
        ("./", "./"),
        ("../x/../../y", "../../y"),
        (".\\a", "./a"),
        ("foo/bar/baz", "registry.terraform.io/foo/bar/baz"),
        ("Foo/Bar/baz//modules/x/", "registry.terraform.io/Foo/Bar/baz//modules/x"),
        ("gitlab.com/foo/bar/baz", "gitlab.com/foo/bar/baz"),
        ("Registry.example.com:8443/a/b/c//d", "registry.example.com:8443/a/b/c//d"),
        ("github.com/foo/bar", "git::https://github.com/foo/bar.git"),
        ("github.com/foo/bar.git//x?ref=v1", "git::https://github.com/foo/bar.git//x?ref=v1"),
        ("github.com/foo/bar/baz//sub?ref=v1", "git::https://github.com/foo/bar.git//baz/sub?ref=v1"),
        ("git::github.com/foo/bar?ref=v1", "git::https://github.com/foo/bar.git?ref=v1"),
        ("bitbucket.org/foo/bar", "git::https://bitbucket.org/foo/bar.git"),
        ("git@github.com:foo/bar.git//x?ref=v1", "git::ssh://git@github.com/foo/bar.git//x?ref=v1"),
        ("git::git@github.com:foo/bar.git", "git::ssh://git@github.com/foo/bar.git"),
        ("git::bob@host:~/bar.git", "git::ssh://bob@host/~/bar.git"),
        ("git::ssh://git@github.com/foo/bar.git?depth=1", "git::ssh://git@github.com/foo/bar.git?depth=1"),
        ("git::file:///srv/repo//net?ref=v1", "git::file:///srv/repo//net?ref=v1"),
        ("git::/srv/repo", "git::file:///srv/repo"),
        ("https://gitlab.com/foo/bar.git?ref=v1", "git::https://gitlab.com/foo/bar.git?ref=v1"),
        ("https://example.com/x.zip//sub?archive=zip", "https://example.com/x.zip//sub?archive=zip"),
        ("https://example.com/x", "https://example.com/x"),
        ("http::https://example.com/x", "https://example.com/x"),
        ("s3::https://s3.amazonaws.com/b/k.zip", "s3::https://s3.amazonaws.com/b/k.zip"),
        ("s3-eu-west-1.amazonaws.com/b/k.zip", "s3::https://s3-eu-west-1.amazonaws.com/b/k.zip"),
        ("b.s3.amazonaws.com/k.zip", "s3::https://s3.amazonaws.com/b/k.zip"),
        ("b.s3.eu-west-1.amazonaws.com/k/l.zip", "s3::https://s3.eu-west-1.amazonaws.com/b/k/l.zip"),
        ("www.googleapis.com/storage/v1/b/k.zip", "gcs::https://www.googleapis.com/storage/v1/b/k.zip"),
        ("gcs::https://www.googleapis.com/storage/v1/b/k", "gcs::https://www.googleapis.com/storage/v1/b/k"),
        ("oss::https://b.oss-cn-hangzhou.aliyuncs.com/k.zip", "oss::https://b.oss-cn-hangzhou.aliyuncs.com/k.zip"),
        ("b.oss-cn-hangzhou.aliyuncs.com/k.zip", "oss::https://b.oss-cn-hangzhou.aliyuncs.com/k.zip"),
        ("/srv/modules/x", "file:///srv/modules/x"),
        ("/srv/modules//x", "file:///srv/modules//x"),
        ("file:///srv/modules", "file:///srv/modules"),
        ("file::/srv/modules", "file:///srv/modules"),
    ] {
        let source = ModuleSource::parse(written).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(source.to_string(), expected, "{written}");
        assert_eq!(ModuleSource::parse(expected), Ok(source), "{expected} means itself");
    }
}

#[test]
fn what_is_no_source_is_refused_with_the_reason() {
    for (written, expected) in [
        ("", "installation method for remote module package \"\""),
        ("foo", "use \"./foo\" instead"),
        ("foo/bar", "use \"./foo/bar\" instead"),
        ("foo/bar/baz/qux", "installation method"),
        ("gitlab.com/foo/bar", "installation method"),
        ("foo/bar/BAZ", "installation method"),
        ("foo/bar/ba-z", "installation method"),
        ("-foo/bar/baz", "installation method"),
        ("github.com/foo", "GitHub URLs should be github.com/username/repo"),
        ("github.com/a/b/c/../../..", "leads outside of the module package"),
        ("git::https://example.com/x.git//../y", "subdirectory path \"../y\" leads outside of the module package"),
        ("git::foo", "installation method"),
        ("hg::http://example.com/x", "Mercurial"),
        ("oci::example.com/x", "OCI"),
        ("oci://example.com/x", "scheme \"oci\""),
        ("nosuch::https://example.com/x", "\"nosuch\""),
        ("ftp://example.com/x", "\"ftp\""),
        ("file://x/y", "absolute path"),
    ] {
        let error = ModuleSource::parse(written).expect_err(written);
        assert!(error.0.contains(expected), "{written}: {error}");
    }
    for (written, expected) in [
        ("./a", "can't use local directory \"./a\" as a module registry address"),
        ("git::https://x/y/z.git", "either three or four slash-separated components"),
        ("github.com/a/b/c", "reserved for installing directly from version control"),
        ("a_/b/c", "invalid namespace \"a_\""),
        ("a/b/C", "invalid target system \"C\""),
    ] {
        let error = RegistrySource::parse(written).expect_err(written);
        assert!(error.0.contains(expected), "{written}: {error}");
    }
}

#[test]
fn queries_are_read_and_left_out() {
    let package = Package { protocol: Protocol::Git, url: "https://x/y.git?ref=a%2Fb&depth=1&keep=2".to_owned() };
    assert_eq!(package.query("ref").as_deref(), Some("a/b"));
    assert_eq!(package.query("sshkey"), None);
    assert_eq!(package.url_without(&["ref", "depth"]), "https://x/y.git?keep=2");
    assert_eq!(package.url_without(&["ref", "depth", "keep"]), "https://x/y.git");
}

#[test]
fn secrets_of_addresses_are_hidden() {
    for (text, expected) in [
        ("git::https://me:pass@x/y.git", "git::https://me:(redacted)@x/y.git"),
        ("https://ghp_0123456789abcdefghij@x/y", "https://(redacted)@x/y"),
        ("git::ssh://git@x/y?sshkey=AAAA&ref=v1", "git::ssh://git@x/y?sshkey=(redacted)&ref=v1"),
        ("https://x/y?X-Amz-Signature=ab&archive=zip", "https://x/y?X-Amz-Signature=(redacted)&archive=zip"),
        ("s3::https://x/y?aws_access_key_secret=ab", "s3::https://x/y?aws_access_key_secret=(redacted)"),
        ("https://x/y?ref=v1", "https://x/y?ref=v1"),
    ] {
        assert_eq!(hide_secrets(text), expected);
    }
}

proptest! {
    /// No text breaks the reading, and what is printed is read as the same.
    #[test]
    fn what_is_printed_is_read_as_the_same(text in "(git::|s3::|)(https://|/|\\./|\\.\\./|github.com/|)[a-z0-9./@:?&=-]{0,24}") {
        if let Ok(source) = ModuleSource::parse(&text) {
            prop_assert_eq!(ModuleSource::parse(&source.to_string()), Ok(source));
        }
    }
}
