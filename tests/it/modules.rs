//! Modules from web servers and registries: what is asked of the server, what is installed, what is locked, what is said.

use crate::sandbox::{Folder, Output, run, tidy_output};
use crate::web::{Page, Server, zip};

/// The hash of a package that holds [`MODULE`] as main.tf.
const MODULE: &str = "output \"value\" {\n  value = 1\n}\n";

fn windlass(folder: &Folder, arguments: &[&str]) -> Output {
    // Nothing here becomes better by trying again.
    let output = run(folder.windlass(arguments).env("TF_REGISTRY_DISCOVERY_RETRY", "0").env("TF_TOKEN_modules_example_com", "secret"));
    Output { text: tidy_output(&output.text, folder.path()), code: output.code }
}

fn call(folder: &Folder, source: &str, version: &str) {
    let version = if version.is_empty() { String::new() } else { format!("  version = {version:?}\n") };
    folder.write("main.tf", &format!("module \"m\" {{\n  source = {source:?}\n{version}}}\n"));
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The output as one line, without the frame.
fn flat(output: &Output) -> String {
    output.text.replace(['│', '╷', '╵'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn fails(folder: &Folder, arguments: &[&str], expected: &str) {
    let output = windlass(folder, arguments);
    assert_eq!(output.code, 1, "{}", output.text);
    assert!(flat(&output).contains(expected), "{expected}\n{}", output.text);
    assert!(!output.text.contains("secret"), "{}", output.text);
}

#[track_caller]
fn succeeds(folder: &Folder, arguments: &[&str]) -> Output {
    let output = windlass(folder, arguments);
    assert_eq!(output.code, 0, "{}", output.text);
    output
}

/// A registry at modules.example.com, by a host block of the user's settings.
fn registry(folder: &Folder) -> Server {
    let server = Server::start();
    let service = format!("http://127.0.0.1:{}/v1/modules", server.port);
    folder.write(".terraformrc", &format!("host \"modules.example.com\" {{\n  services = {{ \"modules.v1\" = {service:?} }}\n}}\n"));
    for version in ["1.0.0", "1.1.0", "1.2.0", "2.0.0-beta1"] {
        let location = Page::status(204).with("X-Terraform-Get", format!("/archives/{version}.zip"));
        server.serve(&format!("/v1/modules/owner/net/aws/{version}/download"), location);
        server.serve(&format!("/archives/{version}.zip"), Page::of(zip(&[("main.tf", MODULE), ("sub/main.tf", MODULE)])));
    }
    publish(&server, &["1.0.0", "2.0.0-beta1", "1.1.0"]);
    server
}

fn publish(server: &Server, versions: &[&str]) {
    let versions: Vec<String> = versions.iter().map(|version| format!("{{\"version\":{version:?}}}")).collect();
    let list = format!("{{\"modules\":[{{\"versions\":[{}]}}]}}", versions.join(","));
    server.serve("/v1/modules/owner/net/aws/versions", Page { login: Some("Bearer secret"), ..Page::json(&list) });
}

#[test]
fn modules_of_registries_are_chosen_locked_and_upgraded() {
    let folder = Folder::new();
    let server = registry(&folder);
    call(&folder, "modules.example.com/owner/net/aws//sub", ">= 1.0");
    let output = succeeds(&folder, &["init"]);
    assert!(
        output.text.starts_with("Downloading modules.example.com/owner/net/aws 1.1.0 for m...\n- m in .terraform/modules/m/sub\n"),
        "{}",
        output.text
    );
    assert_eq!(
        read(&folder, ".terraform/modules/modules.json"),
        r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"modules.example.com/owner/net/aws//sub","Version":"1.1.0","Dir":".terraform/modules/m/sub"}]}"#
    );
    let asked = server.asked();
    let logins: Vec<(&str, bool)> = asked.iter().map(|(path, login)| (path.as_str(), login.is_some())).collect();
    let expected =
        [("/v1/modules/owner/net/aws/versions", true), ("/v1/modules/owner/net/aws/1.1.0/download", true), ("/archives/1.1.0.zip", false)];
    assert_eq!(logins, expected);
    let lock = read(&folder, ".windlass.lock.hcl");
    assert!(
        lock.contains("module \"m\" {\n  source  = \"modules.example.com/owner/net/aws//sub\"\n  version = \"1.1.0\"\n  hash    = \"h1:"),
        "{lock}"
    );

    // What is installed stays, without a question; and so does what is locked, when the folder is new.
    publish(&server, &["1.0.0", "1.1.0", "1.2.0"]);
    succeeds(&folder, &["init"]);
    assert_eq!(server.paths(), Vec::<String>::new());
    std::fs::remove_dir_all(folder.path().join(".terraform")).expect("it is there");
    succeeds(&folder, &["init", "-lockfile=readonly"]);
    assert_eq!(server.paths(), ["/v1/modules/owner/net/aws/1.1.0/download", "/archives/1.1.0.zip"]);
    assert_eq!(read(&folder, ".windlass.lock.hcl"), lock);

    // A module that was changed by hand is made again; one that was published anew is refused.
    folder.write(".terraform/modules/m/sub/main.tf", "");
    succeeds(&folder, &["init"]);
    assert_eq!(read(&folder, ".terraform/modules/m/sub/main.tf"), MODULE);
    server.serve("/archives/1.1.0.zip", Page::of(zip(&[("sub/main.tf", "# other\n")])));
    succeeds(&folder, &["init"]);
    std::fs::remove_dir_all(folder.path().join(".terraform")).expect("it is there");
    fails(&folder, &["init"], "Error: Module does not match the lock file");
    fails(&folder, &["init"], "to accept it, run \"windlass init -upgrade\"");
    assert!(!folder.path().join(".terraform/modules/m").exists());

    let output = succeeds(&folder, &["init", "-upgrade"]);
    assert!(output.text.starts_with("Downloading modules.example.com/owner/net/aws 1.2.0 for m...\n"), "{}", output.text);
    assert!(read(&folder, ".windlass.lock.hcl").contains("1.2.0"));

    // A plan with another version than the locked one is refused; so is a lock that would have to change.
    folder.write(".windlass.lock.hcl", &lock);
    fails(&folder, &["plan"], ".windlass.lock.hcl names version 1.1.0 of this module, but version 1.2.0 is installed.");
    call(&folder, "modules.example.com/owner/net/aws//sub", "1.0.0");
    fails(&folder, &["init", "-lockfile=readonly"], "the lock file is read-only: m.");
    fails(&folder, &["init", "-lockfile=readonly", "-upgrade"], "The -upgrade flag conflicts with -lockfile=readonly.");
    assert_eq!(read(&folder, ".windlass.lock.hcl"), lock);
    folder.write("main.tf", "");
    succeeds(&folder, &["get"]);
    assert!(!folder.path().join(".windlass.lock.hcl").exists());
}

#[test]
fn what_registries_do_not_have_is_told() {
    let folder = Folder::new();
    let server = registry(&folder);
    let init = |source: &str, version: &str, expected: &str| {
        call(&folder, source, version);
        fails(&folder, &["init"], expected);
    };
    init(
        "modules.example.com/owner/none/aws",
        "",
        "Module \"m\" (from main.tf:1) cannot be found in the module registry at modules.example.com.",
    );
    init(
        "modules.example.com/owner/net/aws",
        "~> 3.0",
        "which matches the given version constraint. The newest available version is 1.1.0.",
    );
    init("modules.example.com/owner/net/aws", "> 1.1.0", "The newest available version is 1.1.0.");
    server.serve("/v1/modules/owner/net/aws/1.0.0/download", Page::status(204).with("X-Terraform-Get", "file:///etc"));
    init("modules.example.com/owner/net/aws", "1.0.0", "a server must not name a folder of this machine");
    server.serve("/v1/modules/owner/net/aws/1.0.0/download", Page::json(r#"{"location":"./../../../../../../../archives/1.0.0.zip"}"#));
    call(&folder, "modules.example.com/owner/net/aws", "1.0.0");
    succeeds(&folder, &["init"]);
    std::fs::remove_dir_all(folder.path().join(".terraform")).expect("it is there");
    std::fs::remove_file(folder.path().join(".windlass.lock.hcl")).expect("it is there");
    publish(&server, &["2.0.0-beta1"]);
    init("modules.example.com/owner/net/aws", "", "has no versions available on modules.example.com.");
    server.serve("/v1/modules/owner/net/aws/versions", Page::status(403));
    init("modules.example.com/owner/net/aws", "2.0.0", "by the variable TF_TOKEN_modules_example_com or by a credentials block");
    folder.write(".terraformrc", "host \"modules.example.com\" {}\n");
    init("modules.example.com/owner/net/aws", "2.0.0", "host modules.example.com does not provide a modules service");
    folder.write(".terraformrc", "host \"modules.example.com\" {\n  services = 1\n}\n");
    init("modules.example.com/owner/net/aws", "2.0.0", "Error: Invalid CLI configuration on [folder]/.terraformrc line 2");
}

#[test]
fn archives_and_pages_of_web_servers_are_installed() {
    let folder = Folder::new();
    let server = Server::start();
    let base = format!("http://127.0.0.1:{}", server.port);
    let archive = zip(&[("top/main.tf", MODULE), ("top/inner/main.tf", MODULE)]);
    server.serve("/x.zip", Page::of(archive.clone()));
    server.serve("/download", Page::of(archive.clone()));
    server.serve("/header", Page::status(204).with("X-Terraform-Get", "./x.zip//top"));
    server.serve("/page", Page::of(format!("<html><head><meta name=\"terraform-get\" content=\"{base}/header//inner\"></head></html>")));
    server.serve("/moved.zip", Page::status(302).with("Location", "/private.zip"));
    server.serve("/private.zip", Page { login: Some("Basic YW5uOm9uZQ=="), ..Page::of(archive) });
    folder.write(".netrc", "machine 127.0.0.1 login ann password one\n");
    for (source, installed) in [
        ("/x.zip//top/inner", "m/top/inner"),
        ("/x.zip//t*", "m/top"),
        ("/download//top?archive=zip", "m/top"),
        ("/header", "m"),
        ("/page", "m"),
        ("/moved.zip//top", "m/top"),
    ] {
        call(&folder, &format!("{base}{source}"), "");
        let output = succeeds(&folder, &["init"]);
        assert!(output.text.contains(&format!("- m in .terraform/modules/{installed}\n")), "{source}\n{}", output.text);
        assert_eq!(read(&folder, &format!(".terraform/modules/{installed}/main.tf")), MODULE, "{source}");
    }
}

/// S3's list of these objects.
fn s3_list(keys: &[&str]) -> Page {
    let contents: Vec<String> = keys.iter().map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>")).collect();
    Page::of(format!("<ListBucketResult><IsTruncated>false</IsTruncated>{}</ListBucketResult>", contents.concat()))
}

#[test]
fn packages_in_buckets_are_installed() {
    let folder = Folder::new();
    let server = Server::start();
    let base = format!("http://127.0.0.1:{}", server.port);
    let archive = zip(&[("main.tf", MODULE), ("inner/main.tf", MODULE)]);
    server.serve("/shelf/x.zip", Page::of(archive.clone()));
    server.serve("/shelf", s3_list(&["m n/", "m n/main.tf", "m n/inner/main.tf"]));
    server.serve("/shelf/m%20n/main.tf", Page::of(MODULE));
    server.serve("/shelf/m%20n/inner/main.tf", Page::of(MODULE));
    server.serve("/storage/v1/b/shelf/o/x.tar%2Fx.zip", Page::of(archive));
    server
        .serve("/storage/v1/b/shelf/o", Page::json(r#"{"items":[{"name":"m/main.tf","size":"3"},{"name":"m/inner/main.tf","size":"3"}]}"#));
    server.serve("/storage/v1/b/shelf/o/m%2Fmain.tf", Page::of(MODULE));
    server.serve("/storage/v1/b/shelf/o/m%2Finner%2Fmain.tf", Page::of(MODULE));
    let keys = "aws_access_key_id=AKID&aws_access_key_secret=secret&region=eu-west-1";
    for (source, installed, signed) in [
        (format!("s3::{base}/shelf/x.zip"), "m", ""),
        (format!("s3::{base}/shelf/x.zip//inner?{keys}"), "m/inner", "AWS4-HMAC-SHA256 Credential=AKID/"),
        (format!("s3::{base}/shelf/m%20n"), "m", ""),
        (format!("s3::{base}/shelf/m%20n//inner"), "m/inner", ""),
        (format!("gcs::{base}/storage/v1/shelf/x.tar/x.zip//inner"), "m/inner", ""),
        (format!("gcs::{base}/storage/v1/shelf/m//inner"), "m/inner", ""),
        (format!("oss::{base}/shelf/x.zip"), "m", ""),
        (
            format!("oss::{base}/shelf/m%20n?access_key_id=LTAI&access_key_secret=secret&region=cn-x"),
            "m",
            "OSS4-HMAC-SHA256 Credential=LTAI/",
        ),
    ] {
        call(&folder, &source, "");
        let output = succeeds(&folder, &["init"]);
        assert!(output.text.contains(&format!("- m in .terraform/modules/{installed}\n")), "{source}\n{}", output.text);
        assert!(!output.text.contains("=secret"), "{source}\n{}", output.text);
        assert_eq!(read(&folder, &format!(".terraform/modules/{installed}/main.tf")), MODULE, "{source}");
        let asked = server.asked();
        let is_signed =
            |login: &Option<String>| login.as_deref().unwrap_or_default().starts_with(signed) && login.is_some() != signed.is_empty();
        assert!(!asked.is_empty() && asked.iter().all(|(_, login)| is_signed(login)), "{source}: {asked:?}");
    }
}

#[test]
fn what_buckets_do_not_have_is_told() {
    let folder = Folder::new();
    let server = Server::start();
    server.serve("/shelf", s3_list(&[]));
    server.serve("/outside", s3_list(&["m/../main.tf"]));
    server.serve("/shelf/plain", Page::of("text"));
    server.serve("/shelf/private.zip", Page { login: Some("none"), ..Page::default() });
    for (source, expected) in [
        ("shelf/x.zip", "s3://shelf/x.zip: there is no such object (404 Not Found)"),
        ("shelf/m", "s3://shelf/m: there is no such object, and none below it"),
        ("shelf/plain", "Add archive=zip or the like to the query of the address"),
        ("shelf/private.zip", "the credentials of the environment are not shown to http://127.0.0.1:"),
        ("outside/m", "the object \"m/../main.tf\" can't be a file of a folder"),
        ("gone/m", "s3://gone/m/: there is no such bucket (404 Not Found)"),
        ("shelf", "the address names no object in a bucket; it must look like s3::https://s3.REGION.amazonaws.com/BUCKET/KEY"),
        ("shelf/x.zip?aws_access_key_id=A", "the address names one half of an access key only"),
    ] {
        call(&folder, &format!("s3::http://127.0.0.1:{}/{source}", server.port), "");
        fails(&folder, &["init"], expected);
        assert!(!folder.path().join(".terraform/modules/m").exists(), "{source}");
    }
}

#[test]
fn what_web_servers_do_not_have_is_told_and_leaves_nothing() {
    let folder = Folder::new();
    let server = Server::start();
    let archive = zip(&[("main.tf", MODULE)]);
    server.serve("/x.zip", Page::of(archive.clone()));
    server.serve("/plain", Page::of(archive.clone()));
    server.serve("/half.zip", Page { breaks_off: true, ..Page::of(archive) });
    server.serve("/page.zip", Page::of("<html>").with("Content-Type", "text/html; charset=utf-8"));
    server.serve("/round.zip", Page::status(302).with("Location", "/round.zip"));
    server.serve("/around", Page::status(204).with("X-Terraform-Get", "/around"));
    server.serve("/outside.zip", Page::of(zip(&[("../main.tf", MODULE)])));
    server.serve("/private.zip", Page { login: Some("Basic x"), ..Page::default() });
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    for (port, source, expected) in [
        (server.port, "none.zip", "bad response code: 404 Not Found."),
        (server.port, "private.zip", "the login for 127.0.0.1 is taken from ~/.netrc"),
        (server.port, "plain", "Add archive=zip to the query of the address."),
        (server.port, "plain?archive=rar", "archive is \"rar\"; it must be one of zip"),
        (server.port, "half.zip", "the download broke off after"),
        (server.port, "page.zip", "the server sent a page (text/html) instead of an archive"),
        (server.port, "round.zip", "stopped after 10 redirects"),
        (server.port, "around", "the address leads from server to server, more than 5 times"),
        (server.port, "outside.zip", "leads outside of it"),
        (server.port, "x.zip//nowhere", "subdir \"nowhere\" not found"),
        (server.port, "x.zip?checksum=md5:00000000000000000000000000000000", "checksums did not match"),
        (nobody, "x.zip", "could not connect to 127.0.0.1:"),
    ] {
        call(&folder, &format!("http://127.0.0.1:{port}/{source}"), "");
        fails(&folder, &["init"], expected);
        let left: Vec<_> = std::fs::read_dir(folder.path().join(".terraform/modules"))
            .expect("a folder")
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert_eq!(left, [".lock"], "{source}");
        assert!(!folder.path().join(".windlass.lock.hcl").exists());
    }
    call(&folder, &format!("https://127.0.0.1:{}/x.zip", server.port), "");
    fails(&folder, &["init"], "could not connect to 127.0.0.1:");
}
