"""Drives the simulator with boto3, a client that we did not write.

usage: simulator_boto3.py ENDPOINT ACCESS_KEY SECRET_KEY

Begins and ends with a reset. Prints each failure; the last line is `N passed, M failed`; exit 1 on a failure.
"""

import json
import sys
import traceback
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, ConnectionClosedError

ENDPOINT, KEY, SECRET = sys.argv[1:4]
CHECKS = []


def client(service, region="us-east-1", key=KEY, secret=SECRET, retries=1):
    config = Config(retries={"total_max_attempts": retries}, s3={"addressing_style": "path"})
    return boto3.client(
        service, endpoint_url=ENDPOINT, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret, config=config
    )


def control(path, body=None, method=None):
    data = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
    request = urllib.request.Request(f"{ENDPOINT}/_windlass/{path}", data=data, method=method or ("POST" if data is not None else "GET"))
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def advance(seconds):
    control("clock", {"advance_seconds": seconds})


def fails(code, call, status=None):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, f"{error.response['Error']} instead of {code}"
        if status:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response["ResponseMetadata"]
        return error.response["Error"]["Message"]
    raise AssertionError(f"no error; expected {code}")


def check(function):
    CHECKS.append(function)
    return function


def network(ec2, zones=("us-east-1a", "us-east-1b")):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for index, zone in enumerate(zones)
    ]
    return vpc, subnets


def an_image(ec2, architecture="x86_64"):
    filters = [{"Name": "name", "Values": ["al2023-ami-*"]}, {"Name": "architecture", "Values": [architecture]}]
    images = ec2.describe_images(Owners=["amazon"], Filters=filters)["Images"]
    return max(images, key=lambda image: image["CreationDate"])["ImageId"]


# --- sigv4


@check
def signatures_are_verified():
    fails("AuthFailure", lambda: client("ec2", secret="wrong").describe_vpcs(), 401)
    fails("AuthFailure", lambda: client("ec2", key="AKIAUNKNOWN").describe_vpcs(), 401)
    fails("SignatureDoesNotMatch", lambda: client("autoscaling", secret="wrong").describe_auto_scaling_groups(), 403)
    fails("InvalidClientTokenId", lambda: client("autoscaling", key="AKIAUNKNOWN").describe_auto_scaling_groups(), 403)


# --- ec2


@check
def networks_and_their_teardown():
    ec2 = client("ec2")
    vpc, subnets = network(ec2)
    fails("InvalidSubnet.Conflict", lambda: ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.128/25"))
    fails("InvalidSubnet.Range", lambda: ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24"))
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    assert ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])["AssociationId"]
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[table])["VpcEndpoint"]["VpcEndpointId"]
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert {route.get("DestinationCidrBlock") or route["DestinationPrefixListId"][:3] for route in routes} == {"10.0.0.0/16", "0.0.0.0/0", "pl-"}
    fails("DependencyViolation", lambda: ec2.delete_vpc(VpcId=vpc))
    fails("DependencyViolation", lambda: ec2.delete_route_table(RouteTableId=table))
    fails("DependencyViolation", lambda: ec2.delete_internet_gateway(InternetGatewayId=gateway))
    assert not ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])["Unsuccessful"]
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=table)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
    fails("InvalidVpcID.NotFound", lambda: ec2.describe_vpcs(VpcIds=[vpc]))


@check
def security_groups():
    ec2 = client("ec2")
    vpc, _ = network(ec2)
    one = ec2.create_security_group(GroupName="one", Description="d", VpcId=vpc)["GroupId"]
    two = ec2.create_security_group(GroupName="two", Description="d", VpcId=vpc)["GroupId"]
    fails("InvalidGroup.Duplicate", lambda: ec2.create_security_group(GroupName="one", Description="d", VpcId=vpc))
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": two, "Description": "peers"}]}
    rule = ec2.authorize_security_group_ingress(
        GroupId=one, IpPermissions=[permission], TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": [{"Key": "k", "Value": "v"}]}]
    )["SecurityGroupRules"][0]
    assert rule["ReferencedGroupInfo"]["GroupId"] == two and rule["Tags"] == [{"Key": "k", "Value": "v"}] and not rule["IsEgress"]
    fails("InvalidPermission.Duplicate", lambda: ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=[permission]))
    group = ec2.describe_security_groups(GroupIds=[one])["SecurityGroups"][0]
    assert group["IpPermissions"][0]["UserIdGroupPairs"][0]["Description"] == "peers"
    assert group["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    update = {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIpv4": "10.0.0.0/8"}}
    ec2.modify_security_group_rules(GroupId=one, SecurityGroupRules=[update])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [one]}])["SecurityGroupRules"]
    assert {(rule["IpProtocol"], rule.get("CidrIpv4")) for rule in rules} == {("udp", "10.0.0.0/8"), ("-1", "0.0.0.0/0")}
    ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=[permission])
    fails("DependencyViolation", lambda: ec2.delete_security_group(GroupId=two))
    ec2.revoke_security_group_ingress(GroupId=one, IpPermissions=[permission])
    fails("InvalidPermission.NotFound", lambda: ec2.revoke_security_group_ingress(GroupId=one, IpPermissions=[permission]))
    ec2.delete_security_group(GroupId=two)
    fails("InvalidGroup.NotFound", lambda: ec2.describe_security_groups(GroupIds=[two]))


@check
def places_and_images():
    ec2 = client("ec2")
    assert len(ec2.describe_availability_zones()["AvailabilityZones"]) == 6
    assert "ap-southeast-1" in {region["RegionName"] for region in ec2.describe_regions()["Regions"]}
    offered = ec2.describe_instance_type_offerings(LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["g6.xlarge"]}])
    assert 1 <= len(offered["InstanceTypeOfferings"]) < 6
    kind = ec2.describe_instance_types(InstanceTypes=["g6.xlarge"])["InstanceTypes"][0]
    assert kind["GpuInfo"]["Gpus"][0]["Name"] == "L4" and kind["VCpuInfo"]["DefaultVCpus"] == 4
    fails("InvalidInstanceType", lambda: ec2.describe_instance_types(InstanceTypes=["g99.large"]))
    pages = list(ec2.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 50}))
    assert len(pages) > 2 and all(len(page["InstanceTypes"]) <= 50 for page in pages)
    assert len(ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["Deep Learning Base*Ubuntu 22.04*"]}])["Images"]) > 1
    fails("InvalidAMIID.NotFound", lambda: ec2.describe_images(ImageIds=["ami-0123456789abcdef0"]))


@check
def launch_templates():
    ec2 = client("ec2")
    data = {
        "ImageId": an_image(ec2),
        "InstanceType": "g6.xlarge",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 200, "VolumeType": "gp3", "Encrypted": True}}],
        "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": ["sg-1"]}],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}],
        "MetadataOptions": {"HttpTokens": "required"},
        "IamInstanceProfile": {"Name": "profile"},
        "UserData": "IyEvYmluL3NoCg==",
    }
    made = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data, ClientToken="t1")["LaunchTemplate"]
    again = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data, ClientToken="t1")["LaunchTemplate"]
    assert made["LaunchTemplateId"] == again["LaunchTemplateId"]
    fails("IdempotentParameterMismatch", lambda: ec2.create_launch_template(LaunchTemplateName="other", LaunchTemplateData=data, ClientToken="t1"))
    fails("InvalidLaunchTemplateName.AlreadyExistsException", lambda: ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data))
    ec2.create_launch_template_version(LaunchTemplateName="web", SourceVersion="1", LaunchTemplateData={"InstanceType": "g6.2xlarge"})
    versions = ec2.describe_launch_template_versions(LaunchTemplateName="web", Versions=["$Latest", "$Default"])["LaunchTemplateVersions"]
    assert [version["VersionNumber"] for version in versions] == [2, 1]
    assert versions[1]["LaunchTemplateData"] == data, versions[1]["LaunchTemplateData"]
    assert versions[0]["LaunchTemplateData"] == {**data, "InstanceType": "g6.2xlarge"}
    ec2.modify_launch_template(LaunchTemplateName="web", DefaultVersion="2")
    ec2.delete_launch_template(LaunchTemplateName="web")
    fails("InvalidLaunchTemplateId.NotFound", lambda: ec2.describe_launch_templates(LaunchTemplateIds=[made["LaunchTemplateId"]]))


@check
def instances():
    ec2 = client("ec2")
    vpc, subnets = network(ec2)
    run = dict(ImageId=an_image(ec2), InstanceType="t3.micro", SubnetId=subnets[0], MinCount=3, MaxCount=3, ClientToken="run-1")
    fails("DryRunOperation", lambda: ec2.run_instances(DryRun=True, **run), 412)
    first = ec2.run_instances(**run)
    ids = sorted(instance["InstanceId"] for instance in first["Instances"])
    assert sorted(instance["InstanceId"] for instance in ec2.run_instances(**run)["Instances"]) == ids
    fails("IdempotentParameterMismatch", lambda: ec2.run_instances(**{**run, "MaxCount": 4}))
    by_token = ec2.describe_instances(Filters=[{"Name": "client-token", "Values": ["run-1"]}])["Reservations"]
    assert len(by_token) == 1 and len(by_token[0]["Instances"]) == 3
    assert {instance["State"]["Name"] for instance in by_token[0]["Instances"]} == {"pending"}
    advance(60)
    assert {i["State"]["Name"] for i in ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"]} == {"running"}
    fails("DependencyViolation", lambda: ec2.delete_subnet(SubnetId=subnets[0]))
    ec2.stop_instances(InstanceIds=ids[:1])
    advance(60)
    ec2.start_instances(InstanceIds=ids[:1])
    ec2.terminate_instances(InstanceIds=ids)
    advance(60)
    assert {i["State"]["Name"] for i in ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"]} == {"terminated"}
    ec2.delete_subnet(SubnetId=subnets[0])
    fails("InvalidInstanceID.NotFound", lambda: ec2.describe_instances(InstanceIds=["i-0123456789abcdef0"]))
    fails("InvalidParameterValue", lambda: ec2.run_instances(**{**run, "ClientToken": "x", "InstanceType": "z9.large", "SubnetId": subnets[1]}))


@check
def tags_and_pages():
    ec2 = client("ec2")
    ids = [ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "n", "Value": str(n)}]}])["Vpc"]["VpcId"] for n in range(12)]
    pages = list(ec2.get_paginator("describe_vpcs").paginate(Filters=[{"Name": "tag-key", "Values": ["n"]}], PaginationConfig={"PageSize": 5}))
    assert [len(page["Vpcs"]) for page in pages] == [5, 5, 2]
    ec2.create_tags(Resources=ids[:1], Tags=[{"Key": "n", "Value": "changed"}])
    assert ec2.describe_vpcs(Filters=[{"Name": "tag:n", "Values": ["chang*"]}])["Vpcs"][0]["VpcId"] == ids[0]
    ec2.delete_tags(Resources=ids[:1], Tags=[{"Key": "n"}])
    assert not ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": ids[:1]}])["Tags"]
    fails("InvalidParameterValue", lambda: ec2.describe_vpcs(Filters=[{"Name": "no-such-filter", "Values": ["x"]}]))


# --- faults


@check
def faults_strike_as_written():
    ec2 = client("ec2")
    vpc, subnets = network(ec2)
    image = an_image(ec2)
    run = dict(ImageId=image, InstanceType="c5.large", SubnetId=subnets[0], MinCount=1, MaxCount=1)
    control("faults", "capacity zone=us-east-1a type=c5.*")
    message = fails("InsufficientInstanceCapacity", lambda: ec2.run_instances(**run), 500)
    assert "We currently do not have sufficient c5.large capacity" in message
    ec2.run_instances(**{**run, "SubnetId": subnets[1]})
    control("faults", method="DELETE")
    control("faults", {"name": "quota", "vcpus": 4, "family": "c"})
    fails("VcpuLimitExceeded", lambda: ec2.run_instances(**{**run, "MinCount": 2, "MaxCount": 2}))
    control("faults", method="DELETE")
    control("faults", "throttle action=DescribeVpcs count=1")
    fails("RequestLimitExceeded", lambda: ec2.describe_vpcs(), 503)
    ec2.describe_vpcs()
    control("faults", "denied action=CreateVpc")
    fails("UnauthorizedOperation", lambda: ec2.create_vpc(CidrBlock="10.0.0.0/16"), 403)
    control("faults", method="DELETE")
    control("faults", "consistency seconds=30")
    fresh = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    fails("InvalidVpcID.NotFound", lambda: ec2.describe_vpcs(VpcIds=[fresh]))
    advance(40)
    ec2.describe_vpcs(VpcIds=[fresh])
    control("faults", method="DELETE")


@check
def a_lost_reply_and_a_retry_make_one_instance():
    ec2 = client("ec2", retries=3)
    _, subnets = network(ec2)
    control("faults", "cut-after action=RunInstances count=1")
    ec2.run_instances(ImageId=an_image(ec2), InstanceType="t3.micro", SubnetId=subnets[0], MinCount=1, MaxCount=1, ClientToken="once")
    found = ec2.describe_instances(Filters=[{"Name": "client-token", "Values": ["once"]}])["Reservations"]
    assert sum(len(reservation["Instances"]) for reservation in found) == 1
    calls = [entry for entry in control("audit")["entries"] if entry["action"] == "RunInstances"]
    assert [(call["effect"], call["cut"]) for call in calls] == [(True, True), (False, False)], calls
    control("faults", "cut-before action=CreateVpc count=1")
    control("faults", "truncate action=DescribeVpcs count=1")
    for call in (lambda: client("ec2").create_vpc(CidrBlock="10.0.0.0/16"), lambda: client("ec2").describe_vpcs()):
        try:
            call()
            raise AssertionError("the connection was not cut")
        except (HTTPClientError, ConnectionClosedError):
            pass


# --- autoscaling


def a_group(name="web", **settings):
    ec2, scaling = client("ec2"), client("autoscaling")
    _, subnets = network(ec2)
    data = {"ImageId": an_image(ec2), "InstanceType": "c5.large"}
    template = ec2.create_launch_template(LaunchTemplateName=f"{name}-template", LaunchTemplateData=data)["LaunchTemplate"]["LaunchTemplateId"]
    settings = {"MinSize": 1, "MaxSize": 10, "DesiredCapacity": 4, "LaunchTemplate": {"LaunchTemplateId": template, "Version": "$Latest"}} | settings
    if "MixedInstancesPolicy" in settings:
        settings.pop("LaunchTemplate")
        settings["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"] = {"LaunchTemplateId": template, "Version": "$Latest"}
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=name, VPCZoneIdentifier=",".join(subnets), Tags=[{"Key": "k", "Value": "v", "PropagateAtLaunch": True}], **settings
    )
    return ec2, scaling, subnets


def the_group(scaling, name="web"):
    groups = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return groups[0] if groups else None


@check
def groups_launch_replace_and_go():
    ec2, scaling, subnets = a_group()
    assert not the_group(scaling)["Instances"]
    advance(30)
    group = the_group(scaling)
    assert {instance["LifecycleState"] for instance in group["Instances"]} == {"InService"}
    zones = [instance["AvailabilityZone"] for instance in group["Instances"]]
    assert sorted(zones) == ["us-east-1a"] * 2 + ["us-east-1b"] * 2, zones
    tagged = ec2.describe_instances(Filters=[{"Name": "tag:aws:autoscaling:groupName", "Values": ["web"]}, {"Name": "tag:k", "Values": ["v"]}])
    assert len(tagged["Reservations"]) == 4
    lost = group["Instances"][0]["InstanceId"]
    ec2.terminate_instances(InstanceIds=[lost])
    advance(60)
    now = [instance["InstanceId"] for instance in the_group(scaling)["Instances"]]
    assert len(now) == 4 and lost not in now
    fails("ValidationError", lambda: scaling.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=11))
    scaling.update_auto_scaling_group(AutoScalingGroupName="web", MaxSize=2, MinSize=1)
    advance(60)
    assert len(the_group(scaling)["Instances"]) == 2
    fails("AlreadyExists", lambda: scaling.create_auto_scaling_group(AutoScalingGroupName="web", MinSize=0, MaxSize=0))
    fails("ResourceInUse", lambda: scaling.delete_auto_scaling_group(AutoScalingGroupName="web"))
    fails("DependencyViolation", lambda: ec2.delete_subnet(SubnetId=subnets[0]))
    scaling.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    advance(60)
    assert the_group(scaling) is None
    ec2.delete_subnet(SubnetId=subnets[0])


@check
def a_sold_out_zone_fails_visibly_and_others_serve():
    control("faults", "capacity zone=us-east-1a")
    _, scaling, _ = a_group()
    advance(30)
    group = the_group(scaling)
    assert [instance["AvailabilityZone"] for instance in group["Instances"]] == ["us-east-1b"] * 4
    activities = scaling.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]
    failed = [activity for activity in activities if activity["StatusCode"] == "Failed"]
    assert "We currently do not have sufficient c5.large capacity in the Availability Zone you requested (us-east-1a)" in failed[0]["StatusMessage"]
    control("faults", "capacity zone=us-east-1b")
    scaling.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=5)
    advance(30)
    assert len(the_group(scaling)["Instances"]) == 4
    control("faults", method="DELETE")
    advance(90)
    assert len(the_group(scaling)["Instances"]) == 5


@check
def mixed_instances():
    policy = {
        "LaunchTemplate": {"Overrides": [{"InstanceType": "c6i.large"}, {"InstanceType": "m6i.large"}]},
        "InstancesDistribution": {"OnDemandBaseCapacity": 1, "OnDemandPercentageAboveBaseCapacity": 0, "SpotAllocationStrategy": "price-capacity-optimized"},
    }
    control("faults", "capacity type=c6i.large purchase=spot")
    ec2, scaling, _ = a_group(MixedInstancesPolicy=policy)
    advance(30)
    group = the_group(scaling)
    assert group["MixedInstancesPolicy"]["InstancesDistribution"] == policy["InstancesDistribution"]
    assert group["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"] == policy["LaunchTemplate"]["Overrides"]
    kinds = sorted((instance["InstanceType"]) for instance in group["Instances"])
    assert kinds == ["c6i.large", "m6i.large", "m6i.large", "m6i.large"], kinds
    spot = ec2.describe_instances(Filters=[{"Name": "instance-lifecycle", "Values": ["spot"]}])["Reservations"]
    assert len(spot) == 3


@check
def schedules_follow_their_zone():
    _, scaling, _ = a_group()
    control("clock", {"set": "2026-12-01T23:00:00Z", "freeze": True})
    put = dict(AutoScalingGroupName="web", ScheduledActionName="peak", Recurrence="0 8 * * 1-5", TimeZone="Asia/Shanghai")
    scaling.put_scheduled_update_group_action(**put, MinSize=6, MaxSize=10, DesiredCapacity=6)
    fails("ValidationError", lambda: scaling.put_scheduled_update_group_action(**{**put, "Recurrence": "61 * * * *"}, MinSize=1))
    action = scaling.describe_scheduled_actions(AutoScalingGroupName="web")["ScheduledUpdateGroupActions"][0]
    assert action["StartTime"].isoformat() == "2026-12-02T00:00:00+00:00", action
    advance(3500)
    assert the_group(scaling)["MinSize"] == 1
    advance(200)
    group = the_group(scaling)
    assert (group["MinSize"], group["DesiredCapacity"], len(group["Instances"])) == (6, 6, 6)
    scaling.delete_scheduled_action(AutoScalingGroupName="web", ScheduledActionName="peak")


@check
def policies():
    _, scaling, _ = a_group()
    custom = {"MetricName": "gpu", "Namespace": "w", "Statistic": "Average", "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "web"}]}
    tracking = {"CustomizedMetricSpecification": custom, "TargetValue": 70.0, "DisableScaleIn": False}
    made = scaling.put_scaling_policy(AutoScalingGroupName="web", PolicyName="track", PolicyType="TargetTrackingScaling", TargetTrackingConfiguration=tracking)
    assert len(made["Alarms"]) == 2
    found = scaling.describe_policies(AutoScalingGroupName="web")["ScalingPolicies"][0]
    assert found["TargetTrackingConfiguration"] == tracking, found
    step = [{"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 1}, {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 3}]
    scaling.put_scaling_policy(AutoScalingGroupName="web", PolicyName="step", PolicyType="StepScaling", AdjustmentType="ChangeInCapacity", StepAdjustments=step)
    scaling.execute_policy(AutoScalingGroupName="web", PolicyName="step", MetricValue=95.0, BreachThreshold=80.0)
    assert the_group(scaling)["DesiredCapacity"] == 7
    for _ in range(3):
        metric({"Namespace": "w", "MetricData.member.1.MetricName": "gpu", "MetricData.member.1.Value": "90",
                "MetricData.member.1.Dimensions.member.1.Name": "AutoScalingGroupName", "MetricData.member.1.Dimensions.member.1.Value": "web"})
        advance(60)
    assert the_group(scaling)["DesiredCapacity"] == 9
    scaling.delete_policy(AutoScalingGroupName="web", PolicyName="track")


def metric(parameters):
    """PutMetricData over the Query protocol, which boto3 itself no longer speaks to CloudWatch."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from urllib.parse import urlencode

    request = AWSRequest("POST", f"{ENDPOINT}/", data=urlencode({"Action": "PutMetricData", "Version": "2010-08-01", **parameters}))
    request.headers["Content-Type"] = "application/x-www-form-urlencoded"
    SigV4Auth(Credentials(KEY, SECRET), "monitoring", "us-east-1").add_auth(request)
    urllib.request.urlopen(urllib.request.Request(request.url, data=request.body, headers=dict(request.headers), method="POST")).read()


def main():
    passed, failed = 0, 0
    for function in CHECKS:
        control("reset", "")
        try:
            function()
            passed += 1
        except Exception:
            failed += 1
            print(f"FAILED {function.__name__}")
            traceback.print_exc(file=sys.stdout)
    control("reset", "")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
