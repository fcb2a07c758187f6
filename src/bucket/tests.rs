//! Buckets that are asked, at a server of this process that answers what it was told to.

mod server;

use super::{Access, Bucket, Condition, Kind, Place, Put, Secret, Service, Surroundings, Version};
use server::{Answer, Server};

const KEY: &str = "SECRETSECRETSECRET";

fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
    let fixed = [("AWS_EC2_METADATA_DISABLED", "true"), ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"), ("NO_GCE_CHECK", "true")];
    let variables = fixed.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Surroundings { variables, home: None }
}

fn place(service: Service, server: &Server) -> Place {
    Place { endpoint: Some(server.url.clone()), ..Place::new(service, "shelf") }
}

fn s3(server: &Server) -> Bucket {
    let keys = [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", KEY), ("AWS_REGION", "eu-west-1")];
    Bucket::open(&place(Service::S3, server), &surroundings(&keys)).unwrap()
}

fn google(server: &Server) -> Bucket {
    let access = Access { token: Some(Secret("TOKEN".to_owned())), ..Access::default() };
    Bucket::open(&Place { access, ..place(Service::Gcs, server) }, &surroundings(&[])).unwrap()
}

fn oss(server: &Server) -> Bucket {
    let keys = [("ALICLOUD_ACCESS_KEY", "LTAI"), ("ALICLOUD_SECRET_KEY", KEY), ("ALICLOUD_REGION", "oss-cn-hangzhou")];
    Bucket::open(&place(Service::Oss, server), &surroundings(&keys)).unwrap()
}

const ABSENT: Put<'_> = Put { condition: Some(&Condition::Absent), content_type: Some("application/json"), headers: &[], query: &[] };

#[tokio::test]
async fn s3_writes_what_is_not_there() {
    let server = Server::start([Answer::of(200, "").with("ETag", "\"e1\"").with("x-amz-version-id", "v1")]).await;
    let version = s3(&server).put("a b/c+d", b"{}".to_vec(), ABSENT).await.unwrap();
    assert_eq!(version, Version { etag: Some("\"e1\"".to_owned()), generation: None, id: Some("v1".to_owned()) });
    let asked = server.asked();
    assert_eq!((asked[0].line.as_str(), asked[0].body.as_slice()), ("PUT /shelf/a%20b/c%2Bd", b"{}".as_slice()));
    assert_eq!(asked[0].header("if-none-match"), "*");
    assert_eq!(asked[0].header("content-type"), "application/json");
    assert_eq!(asked[0].header("content-md5"), "mZFLkyvTelC5g8XnyQrpOw==");
    assert_eq!(asked[0].header("x-amz-content-sha256"), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    let authorization = asked[0].header("authorization");
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"), "{authorization}");
    assert!(authorization.contains("/eu-west-1/s3/aws4_request") && authorization.contains("if-none-match"), "{authorization}");
}

#[tokio::test]
async fn s3_says_why_not() {
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>R2</RequestId></Error>";
    let changed = "<Error><Code>PreconditionFailed</Code><Message>At least one.</Message></Error>";
    let server =
        Server::start([Answer::of(404, "<Error><Code>NoSuchKey</Code></Error>"), Answer::of(412, changed).with("x-amz-request-id", "R1")])
            .await;
    let bucket = s3(&server);
    let error = bucket.get("k", &[]).await.unwrap_err();
    assert_eq!(error.to_string(), "s3://shelf/k: there is no such object (NoSuchKey: 404 Not Found)");
    let old = Condition::Unchanged(Version { etag: Some("\"e0\"".to_owned()), ..Version::default() });
    let error = bucket.put("k", Vec::new(), Put { condition: Some(&old), ..Put::default() }).await.unwrap_err();
    assert_eq!(error.kind, Kind::PreconditionFailed);
    assert_eq!(
        error.to_string(),
        "s3://shelf/k: it is not as expected; somebody else wrote it (PreconditionFailed: At least one), request id R1"
    );
    assert_eq!(server.asked()[1].header("if-match"), "\"e0\"");
    let server = Server::start([Answer::of(403, denied)]).await;
    let nobody = Bucket::open(&place(Service::S3, &server), &surroundings(&[])).unwrap();
    let error = nobody.get("k", &[]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "s3://shelf/k: access denied (AccessDenied: Access Denied), request id R2; no credentials were found, so the request was not signed"
    );
    assert_eq!(server.asked()[0].header("authorization"), "");
}

#[tokio::test]
async fn only_what_is_safe_is_repeated() {
    let failing = || Answer::of(500, "<Error><Code>InternalError</Code></Error>");
    let server = Server::start([failing(), Answer::of(503, "<Error><Code>SlowDown</Code></Error>"), Answer::of(200, "text")]).await;
    let object = s3(&server).get("k", &[]).await.unwrap();
    assert_eq!(object.meta.size, Some(4));
    assert_eq!(object.bytes(4).await.unwrap(), b"text");
    assert_eq!(server.asked().len(), 3);
    let server = Server::start([failing(), failing(), failing(), failing(), failing()]).await;
    let error = s3(&server).put("k", Vec::new(), ABSENT).await.unwrap_err();
    assert_eq!((error.kind, server.asked().len()), (Kind::Unavailable, 1));
    let conflict = Answer::of(409, "<Error><Code>ConditionalRequestConflict</Code></Error>");
    let server = Server::start([conflict, Answer::of(200, "")]).await;
    s3(&server).put("k", Vec::new(), ABSENT).await.unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn lists_have_pages() {
    let page = |key: &str, next: &str| {
        format!(
            "<ListBucketResult><IsTruncated>{}</IsTruncated><Contents><Key>{key}</Key></Contents>{next}</ListBucketResult>",
            !next.is_empty()
        )
    };
    let first = page("m/a", "<NextContinuationToken>t/1=</NextContinuationToken>");
    let server = Server::start([Answer::of(200, &first), Answer::of(200, &page("m/b", ""))]).await;
    let all = s3(&server).list_all("m/ x", 10).await.unwrap();
    assert_eq!(all.iter().map(|meta| meta.key.as_str()).collect::<Vec<_>>(), ["m/a", "m/b"]);
    let lines: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(lines[0], "GET /shelf?prefix=m%2F%20x&list-type=2&max-keys=1000");
    assert_eq!(lines[1], "GET /shelf?prefix=m%2F%20x&list-type=2&max-keys=1000&continuation-token=t%2F1%3D");
    let server = Server::start([Answer::of(200, &first)]).await;
    assert_eq!(s3(&server).list_all("m", 0).await.unwrap_err().to_string(), "s3://shelf/m: there are more than 0 objects");
}

#[tokio::test]
async fn google_counts_generations() {
    let written = r#"{"name":"a/b","size":"2","generation":"17"}"#;
    let changed = r#"{"error":{"code":412,"message":"At least one.","errors":[{"reason":"conditionNotMet"}]}}"#;
    let server = Server::start([Answer::of(200, written), Answer::of(412, changed), Answer::of(200, "hi"), Answer::of(204, "")]).await;
    let bucket = google(&server);
    let version = bucket.put("a/b", b"hi".to_vec(), ABSENT).await.unwrap();
    assert_eq!(version.generation.as_deref(), Some("17"));
    let unchanged = Condition::Unchanged(version);
    let error = bucket.put("a/b", b"ho".to_vec(), Put { condition: Some(&unchanged), ..Put::default() }).await.unwrap_err();
    assert_eq!(error.kind, Kind::PreconditionFailed);
    assert_eq!(bucket.get("a/b", &[]).await.unwrap().bytes(9).await.unwrap(), b"hi");
    bucket.delete("a/b", Some(&unchanged)).await.unwrap();
    let asked = server.asked();
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "POST /upload/storage/v1/b/shelf/o?ifGenerationMatch=0&uploadType=multipart",
            "POST /upload/storage/v1/b/shelf/o?ifGenerationMatch=17&uploadType=multipart",
            "GET /storage/v1/b/shelf/o/a%2Fb?alt=media",
            "DELETE /storage/v1/b/shelf/o/a%2Fb?ifGenerationMatch=17",
        ]
    );
    assert!(asked.iter().all(|asked| asked.header("authorization") == "Bearer TOKEN"));
    let sent = String::from_utf8(asked[0].body.clone()).unwrap();
    let document = r#"{"name":"a/b","contentType":"application/json","md5Hash":"SfaKXIST7CwL9ImCHCH8Ow=="}"#;
    assert!(sent.contains(document) && sent.contains("Content-Type: application/json\r\n\r\nhi\r\n--"), "{sent}");
}

#[tokio::test]
async fn google_takes_tokens_for_what_a_workload_shows() {
    let folder = tempfile::tempdir().unwrap();
    let shown = folder.path().join("shown.json");
    std::fs::write(&shown, r#"{"id":"SHOWN"}"#).unwrap();
    let token = |token: &str| Answer::of(200, &format!(r#"{{"access_token":"{token}","expires_in":3600}}"#));
    let server = Server::start([token("T"), Answer::of(200, r#"{"accessToken":"I"}"#), Answer::of(200, "{}"), Answer::of(200, "{}")]).await;
    let credentials = serde_json::json!({
        "type": "external_account", "audience": "pool", "subject_token_type": "jwt", "token_url": format!("{}/exchange", server.url),
        "service_account_impersonation_url": format!("{}/as", server.url),
        "credential_source": { "file": shown, "format": { "type": "json", "subject_token_field_name": "id" } },
    });
    let access = Access { credentials: Some(Secret(credentials.to_string())), ..Access::default() };
    let bucket = Bucket::open(&Place { access, ..place(Service::Gcs, &server) }, &surroundings(&[])).unwrap();
    bucket.list("", None).await.unwrap();
    bucket.list("", None).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].line, "POST /exchange");
    let form = String::from_utf8(asked[0].body.clone()).unwrap();
    assert!(form.ends_with("&subject_token_type=jwt&subject_token=SHOWN"), "{form}");
    assert_eq!((asked[1].line.as_str(), asked[1].header("authorization")), ("POST /as", "Bearer T"));
    // The token is kept.
    assert_eq!(asked[2].header("authorization"), "Bearer I");
    assert_eq!((asked.len(), asked[3].header("authorization")), (4, "Bearer I"));
}

#[tokio::test]
async fn broken_credentials_are_told_without_secrets() {
    let server = Server::start([]).await;
    let open = |access: Access, service: Service, variables: &[(&str, &str)]| {
        Bucket::open(&Place { access, ..place(service, &server) }, &surroundings(variables)).unwrap()
    };
    let text = format!(r#"{{"type":"service_account","client_email":"a","private_key":"{KEY}"}}"#);
    let access = Access { credentials: Some(Secret(text)), ..Access::default() };
    let error = open(access, Service::Gcs, &[]).get("k", &[]).await.unwrap_err();
    assert_eq!(error.to_string(), "gs://shelf/k: no valid credentials (the private key of the service account can't be read)");
    let error = open(Access::default(), Service::Gcs, &[("GOOGLE_APPLICATION_CREDENTIALS", "/no/such")]).get("k", &[]).await.unwrap_err();
    assert!(error.to_string().contains("\"/no/such\": No such file"), "{error}");
    let error = open(Access::default(), Service::S3, &[("AWS_PROFILE", "deploy")]).get("k", &[]).await.unwrap_err();
    assert_eq!(error.to_string(), "s3://shelf/k: no valid credentials (no profile \"deploy\" in any file)");
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn profiles_lead_to_roles() {
    let folder = tempfile::tempdir().unwrap();
    let (config, keys) = (folder.path().join("config"), folder.path().join("credentials"));
    std::fs::write(
        &config,
        "[profile deploy]\nregion = eu-north-1\nrole_arn = arn:aws:iam::123456789012:role/deploy\nexternal_id = agreed\nsource_profile = base\n",
    )
    .unwrap();
    std::fs::write(&keys, format!("[base]\naws_access_key_id = AKBASE\naws_secret_access_key = {KEY}\n")).unwrap();
    let assumed = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLEKEY000001</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                   <SessionToken>SESSION</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    let server = Server::start([Answer::of(200, assumed), Answer::of(200, "text")]).await;
    let variables = [
        ("AWS_PROFILE", "deploy"),
        ("AWS_CONFIG_FILE", config.to_str().unwrap()),
        ("AWS_SHARED_CREDENTIALS_FILE", keys.to_str().unwrap()),
        ("AWS_ENDPOINT_URL_STS", &server.url),
    ];
    let bucket = Bucket::open(&place(Service::S3, &server), &surroundings(&variables)).unwrap();
    bucket.get("k", &[]).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].header("host"), "sts.eu-north-1.amazonaws.com");
    let text = format!("{} {}", asked[0].line, String::from_utf8_lossy(&asked[0].body));
    assert!(text.contains("Action=AssumeRole") && text.contains("ExternalId=agreed"), "{text}");
    assert!(asked[0].header("authorization").contains("Credential=AKBASE/"));
    assert!(asked[1].header("authorization").contains("Credential=ASIAEXAMPLEKEY000001/"));
    assert!(asked[1].header("authorization").contains("/eu-north-1/s3/"));
    assert_eq!(asked[1].header("x-amz-security-token"), "SESSION");
}

#[tokio::test]
async fn oss_writes_what_is_not_there() {
    let exists = "<Error><Code>FileAlreadyExists</Code><Message>It exists.</Message><RequestId>R3</RequestId></Error>";
    let versioned = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let server = Server::start([Answer::of(409, exists), Answer::of(200, versioned)]).await;
    let bucket = oss(&server);
    let error = bucket.put("a/b", Vec::new(), ABSENT).await.unwrap_err();
    assert_eq!(error.kind, Kind::PreconditionFailed);
    assert!(bucket.is_versioned().await.unwrap());
    let unchanged = Condition::Unchanged(Version { etag: Some("\"e\"".to_owned()), ..Version::default() });
    let error = bucket.put("a/b", Vec::new(), Put { condition: Some(&unchanged), ..Put::default() }).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unsupported);
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].line.as_str()), (2, "PUT /shelf/a/b"));
    assert_eq!(asked[0].header("x-oss-forbid-overwrite"), "true");
    let authorization = asked[0].header("authorization");
    assert!(authorization.starts_with("OSS4-HMAC-SHA256 Credential=LTAI/"), "{authorization}");
    assert!(authorization.contains("/cn-hangzhou/oss/aliyun_v4_request"), "{authorization}");
    assert_eq!(asked[1].line, "GET /shelf?versioning");
}

#[tokio::test]
async fn names_that_addresses_lose_are_refused() {
    let server = Server::start([]).await;
    for key in ["", "../x", "a/./b"] {
        assert_eq!(s3(&server).get(key, &[]).await.unwrap_err().kind, Kind::Invalid, "{key}");
    }
    assert!(Bucket::open(&Place::new(Service::S3, "a/b"), &surroundings(&[])).is_err());
    let error = Bucket::open(&Place::new(Service::Oss, "b"), &surroundings(&[])).err().unwrap();
    assert_eq!(error.to_string(), "oss://b: say in which region the bucket is, or at which endpoint");
}
