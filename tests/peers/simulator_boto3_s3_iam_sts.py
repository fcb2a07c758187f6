"""Drives the simulator with boto3, a client that knows nothing of it: S3, IAM and STS.

usage: simulator_boto3_s3_iam_sts.py ENDPOINT ACCESS_KEY SECRET_KEY [SECTION …]

Every section starts from nothing and leaves nothing. Prints `N passed, M failed`; exit code 1 when one failed.
"""

import json
import sys
import traceback
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}


class Cloud:
    def __init__(self, endpoint, access_key, secret_key):
        self.endpoint, self.keys = endpoint, (access_key, secret_key)

    def client(self, service, region="us-east-1", keys=None, **config):
        access_key, secret_key, *token = keys or self.keys
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            aws_session_token=token[0] if token else None,
            config=Config(retries={"max_attempts": 1}, **config),
        )


def refused(code, call, *positional, **arguments):
    """The call fails with this code."""
    try:
        call(*positional, **arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{found} instead of {code}: {error}"
        assert error.response["ResponseMetadata"].get("RequestId"), "no request id"
        return error.response
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def name(prefix="t"):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def s3_bucket(cloud):
    s3, bucket = cloud.client("s3"), name("bucket")
    refused("404", s3.head_bucket, Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)  # us-east-1 lets the owner do so
    assert s3.head_bucket(Bucket=bucket)["BucketRegion"] == "us-east-1"
    assert bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    refused("InvalidBucketName", s3.create_bucket, Bucket="192.168.1.1")
    refused("InvalidLocationConstraint", s3.create_bucket, Bucket=name(), CreateBucketConfiguration={"LocationConstraint": "us-east-1"})
    west, other = cloud.client("s3", "eu-west-1"), name("bucket")
    refused("IllegalLocationConstraintException", west.create_bucket, Bucket=other)
    west.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    refused("BucketAlreadyOwnedByYou", west.create_bucket, Bucket=other, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert west.get_bucket_location(Bucket=other)["LocationConstraint"] == "eu-west-1"
    west.put_object(Bucket=other, Key="k", Body=b"x")
    refused("BucketNotEmpty", west.delete_bucket, Bucket=other)
    west.delete_object(Bucket=other, Key="k")
    west.delete_bucket(Bucket=other)
    s3.delete_bucket(Bucket=bucket)
    refused("NoSuchBucket", s3.delete_bucket, Bucket=bucket)


def s3_settings(cloud):
    s3, bucket = cloud.client("s3"), name("bucket")
    s3.create_bucket(Bucket=bucket)
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=bucket)
    tags = [{"Key": "a", "Value": "1 & 2"}, {"Key": "b", "Value": ""}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    refused("InvalidTag", s3.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": [{"Key": "aws:x", "Value": ""}]})
    s3.delete_bucket_tagging(Bucket=bucket)
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == block
    s3.delete_public_access_block(Bucket=bucket)
    refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=bucket)
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    kms = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=kms)
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]["BucketKeyEnabled"] is True
    s3.delete_bucket_encryption(Bucket=bucket)
    absent = {
        "NoSuchBucketPolicy": s3.get_bucket_policy,
        "NoSuchCORSConfiguration": s3.get_bucket_cors,
        "NoSuchWebsiteConfiguration": s3.get_bucket_website,
        "NoSuchLifecycleConfiguration": s3.get_bucket_lifecycle_configuration,
        "ReplicationConfigurationNotFoundError": s3.get_bucket_replication,
        "ObjectLockConfigurationNotFoundError": s3.get_object_lock_configuration,
    }
    for code, call in absent.items():
        refused(code, call, Bucket=bucket)
    policy = {"Version": "2012-10-17", "Statement": []}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    refused("MalformedPolicy", s3.put_bucket_policy, Bucket=bucket, Policy="no")
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"][0]["Permission"] == "FULL_CONTROL"
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.get_bucket_logging(Bucket=bucket), s3.get_bucket_accelerate_configuration(Bucket=bucket)
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    s3.delete_bucket(Bucket=bucket)


def s3_objects(cloud):
    s3, bucket = cloud.client("s3"), name("bucket")
    s3.create_bucket(Bucket=bucket)
    put = s3.put_object(Bucket=bucket, Key="a/b c+é.txt", Body=b"hello world", ContentType="text/plain", Metadata={"m": "v"})
    assert put["ETag"] == '"5eb63bbbe01eeed093cb22bb8f5acdc3"'
    got = s3.get_object(Bucket=bucket, Key="a/b c+é.txt")
    assert got["Body"].read() == b"hello world" and got["ContentType"] == "text/plain" and got["Metadata"] == {"m": "v"}
    assert s3.get_object(Bucket=bucket, Key="a/b c+é.txt", Range="bytes=6-")["Body"].read() == b"world"
    assert s3.head_object(Bucket=bucket, Key="a/b c+é.txt")["ContentLength"] == 11
    refused("404", s3.head_object, Bucket=bucket, Key="none")
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="none")
    refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="a/b c+é.txt", Body=b"", IfNoneMatch="*")
    refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="a/b c+é.txt", Body=b"", IfMatch='"0"')
    refused("NoSuchKey", s3.put_object, Bucket=bucket, Key="none", Body=b"", IfMatch='"0"')
    s3.put_object(Bucket=bucket, Key="a/b c+é.txt", Body=b"2", IfMatch=put["ETag"])
    s3.put_object(Bucket=bucket, Key="new", Body=b"1", IfNoneMatch="*")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a/b c+é.txt"})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"2"
    for number in range(7):
        s3.put_object(Bucket=bucket, Key=f"p/{number}", Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
    assert keys == sorted(["a/b c+é.txt", "new", "copy"] + [f"p/{number}" for number in range(7)]), keys
    folded = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [one["Prefix"] for one in folded["CommonPrefixes"]] == ["a/", "p/"] and folded["KeyCount"] == 4
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    s3.delete_bucket(Bucket=bucket)


def s3_versions(cloud):
    s3, bucket = cloud.client("s3"), name("bucket")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"0")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"0"
    assert s3.delete_object(Bucket=bucket, Key="k")["DeleteMarker"] is True
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="k")
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=bucket)
    listed = s3.list_object_versions(Bucket=bucket)
    assert [one["VersionId"] for one in listed["Versions"]] == [first, "null"] and len(listed["DeleteMarkers"]) == 1
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    every = [one for page in pages for one in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    assert len(every) == 3, every
    objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in every]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})["Deleted"]) == 3
    s3.delete_bucket(Bucket=bucket)


def iam_role(cloud):
    iam, role = cloud.client("iam"), name("role")
    refused("NoSuchEntity", iam.get_role, RoleName=role)
    refused("MalformedPolicyDocument", iam.create_role, RoleName=role, AssumeRolePolicyDocument=json.dumps(READ))
    tags = [{"Key": "k", "Value": "v"}]
    made = iam.create_role(RoleName=role, Path="/x/", AssumeRolePolicyDocument=json.dumps(TRUST), Description="d", Tags=tags)["Role"]
    assert made["Arn"].endswith(f":role/x/{role}") and made["RoleId"].startswith("AROA") and made["MaxSessionDuration"] == 3600
    refused("EntityAlreadyExists", iam.create_role, RoleName=role.upper(), AssumeRolePolicyDocument=json.dumps(TRUST))
    got = iam.get_role(RoleName=role)["Role"]
    assert got["AssumeRolePolicyDocument"] == TRUST and got["Tags"] == tags and got["Description"] == "d"
    iam.update_role(RoleName=role, Description="e", MaxSessionDuration=7200)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps({**TRUST, "Version": "2008-10-17"}))
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.tag_role(RoleName=role, Tags=[{"Key": "l", "Value": "w"}])
    iam.untag_role(RoleName=role, TagKeys=["k"])
    got = iam.get_role(RoleName=role)["Role"]
    assert (got["Description"], got["MaxSessionDuration"], got["AssumeRolePolicyDocument"]["Version"]) == ("e", 7200, "2008-10-17")
    assert got["Tags"] == [{"Key": "l", "Value": "w"}] and got["PermissionsBoundary"]["PermissionsBoundaryType"] == "Policy"
    iam.delete_role_permissions_boundary(RoleName=role)
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps(READ))
    refused("MalformedPolicyDocument", iam.put_role_policy, RoleName=role, PolicyName="q", PolicyDocument="{")
    assert iam.get_role_policy(RoleName=role, PolicyName="p")["PolicyDocument"] == READ
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["p"]
    refused("DeleteConflict", iam.delete_role, RoleName=role)
    iam.delete_role_policy(RoleName=role, PolicyName="p")
    refused("NoSuchEntity", iam.get_role_policy, RoleName=role, PolicyName="p")
    iam.delete_role(RoleName=role)


def iam_policy(cloud):
    iam, role, policy = cloud.client("iam"), name("role"), name("policy")
    made = iam.create_policy(PolicyName=policy, PolicyDocument=json.dumps(READ), Description="d", Tags=[{"Key": "k", "Value": "v"}])["Policy"]
    arn = made["Arn"]
    refused("EntityAlreadyExists", iam.create_policy, PolicyName=policy, PolicyDocument=json.dumps(READ))
    got = iam.get_policy(PolicyArn=arn)["Policy"]
    assert got["DefaultVersionId"] == "v1" and got["AttachmentCount"] == 0 and got["Tags"] == [{"Key": "k", "Value": "v"}]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(READ), SetAsDefault=True)
    refused("LimitExceeded", iam.create_policy_version, PolicyArn=arn, PolicyDocument=json.dumps(READ))
    assert [one["VersionId"] for one in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v5", "v4", "v3", "v2", "v1"]
    refused("DeleteConflict", iam.delete_policy_version, PolicyArn=arn, VersionId="v5")
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v5")["PolicyVersion"]["Document"] == READ
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy")
    refused("NoSuchEntity", iam.attach_role_policy, RoleName=role, PolicyArn=arn + "x")
    assert len(iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]) == 2
    assert iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"][0]["RoleName"] == role
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    refused("DeleteConflict", iam.delete_role, RoleName=role)
    for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=one["PolicyArn"])
    refused("NoSuchEntity", iam.detach_role_policy, RoleName=role, PolicyArn=arn)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    for version in ["v1", "v3", "v4", "v5"]:
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.delete_policy(PolicyArn=arn)
    refused("NoSuchEntity", iam.get_policy, PolicyArn=arn)
    iam.delete_role(RoleName=role)


def iam_instance_profile(cloud):
    iam, role, profile = cloud.client("iam"), name("role"), name("profile")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    made = iam.create_instance_profile(InstanceProfileName=profile, Tags=[{"Key": "k", "Value": "v"}])["InstanceProfile"]
    assert made["Roles"] == [] and made["InstanceProfileId"].startswith("AIPA")
    refused("EntityAlreadyExists", iam.create_instance_profile, InstanceProfileName=profile)
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
    refused("LimitExceeded", iam.add_role_to_instance_profile, InstanceProfileName=profile, RoleName=role)
    got = iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]
    assert got["Roles"][0]["RoleName"] == role and got["Tags"] == [{"Key": "k", "Value": "v"}]
    assert len(iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]) == 1
    refused("DeleteConflict", iam.delete_role, RoleName=role)
    refused("DeleteConflict", iam.delete_instance_profile, InstanceProfileName=profile)
    iam.remove_role_from_instance_profile(InstanceProfileName=profile, RoleName=role)
    iam.delete_instance_profile(InstanceProfileName=profile)
    iam.delete_role(RoleName=role)


def iam_paging(cloud):
    iam, prefix = cloud.client("iam"), f"/{name('path')}/"
    names = [f"{prefix.strip('/')}-{number:03}" for number in range(7)]
    for one in names:
        iam.create_role(RoleName=one, Path=prefix, AssumeRolePolicyDocument=json.dumps(TRUST))
    pages = list(iam.get_paginator("list_roles").paginate(PathPrefix=prefix, PaginationConfig={"PageSize": 3}))
    assert len(pages) == 3 and [role["RoleName"] for page in pages for role in page["Roles"]] == names
    for one in names:
        iam.delete_role(RoleName=one)


def sts(cloud):
    client, iam, role = cloud.client("sts"), cloud.client("iam"), name("role")
    caller = client.get_caller_identity()
    assert len(caller["Account"]) == 12 and caller["Arn"].startswith(f"arn:aws:iam::{caller['Account']}:")
    trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"AWS": f"arn:aws:iam::{caller['Account']}:root"}}]}
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    refused("AccessDenied", client.assume_role, RoleArn=arn + "x", RoleSessionName="s1")
    taken = client.assume_role(RoleArn=arn, RoleSessionName="s1")
    keys = taken["Credentials"]
    session = cloud.client("sts", keys=(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]))
    assert session.get_caller_identity()["Arn"] == taken["AssumedRoleUser"]["Arn"]
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(TRUST))
    refused("AccessDenied", client.assume_role, RoleArn=arn, RoleSessionName="s1")
    iam.delete_role(RoleName=role)
    wrong = cloud.client("sts", keys=(cloud.keys[0], "wrong"))
    refused("SignatureDoesNotMatch", wrong.get_caller_identity)


SECTIONS = [s3_bucket, s3_settings, s3_objects, s3_versions, iam_role, iam_policy, iam_instance_profile, iam_paging, sts]


def main(endpoint, access_key, secret_key, *wanted):
    cloud, failed, passed = Cloud(endpoint, access_key, secret_key), 0, 0
    for section in SECTIONS:
        if wanted and section.__name__ not in wanted:
            continue
        try:
            section(cloud)
            passed += 1
        except Exception:
            failed += 1
            print(f"FAILED {section.__name__}\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
