//! Launch templates and their versions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::describe::{Filters, one, select};
use super::region::{Region, region};
use super::tags::{self, Tags};
use super::token;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Node, Reply};
use crate::aws::xml::Xml;
use crate::clock::timestamp;
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LaunchTemplate {
    pub id: String,
    pub name: String,
    pub created_ms: i64,
    pub creator: String,
    pub default_version: u64,
    pub latest_version: u64,
    pub versions: BTreeMap<u64, Version>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    pub data: Node,
    pub description: Option<String>,
    pub created_ms: i64,
}

impl LaunchTemplate {
    /// The version that `$Latest`, `$Default`, a number or nothing names.
    pub fn version(&self, text: Option<&str>) -> Result<(u64, &Version), AwsError> {
        let number = match text {
            None | Some("" | "$Default") => self.default_version,
            Some("$Latest") => self.latest_version,
            Some(text) => text
                .parse()
                .map_err(|_| AwsError::bad("InvalidLaunchTemplateVersion.Malformed", format!("Invalid launch template version: {text}")))?,
        };
        let missing = || {
            AwsError::bad(
                "InvalidLaunchTemplateId.VersionNotFound",
                format!("Could not find launch template version {number} for launch template {}.", self.id),
            )
        };
        self.versions.get(&number).map(|version| (number, version)).ok_or_else(missing)
    }
}

/// The template that `LaunchTemplateId` or `LaunchTemplateName` names.
pub fn find<'a>(region: &'a Region, params: &Node) -> Result<&'a LaunchTemplate, AwsError> {
    match (params.text("LaunchTemplateId"), params.text("LaunchTemplateName")) {
        (Some(_), Some(_)) => {
            Err(AwsError::bad("InvalidParameterCombination", "Only one of LaunchTemplateId and LaunchTemplateName may be given"))
        }
        (Some(id), None) => region.launch_templates.get(id).ok_or_else(|| {
            AwsError::bad(
                "InvalidLaunchTemplateId.NotFound",
                format!("The specified launch template, with template ID {id}, does not exist."),
            )
        }),
        (None, Some(name)) => region.launch_templates.values().find(|template| template.name == name).ok_or_else(|| {
            AwsError::bad(
                "InvalidLaunchTemplateName.NotFoundException",
                format!("The specified launch template, with template name {name}, does not exist."),
            )
        }),
        (None, None) => Err(AwsError::missing("LaunchTemplateId")),
    }
}

/// Writes a request's structure in a reply's names: `BlockDeviceMapping.1` becomes `<blockDeviceMappingSet><item>`.
pub fn write_structure(xml: &mut Xml, node: &Node) {
    for (name, child) in node.children() {
        let mut letters = name.chars();
        let lower: String = letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default();
        let is_list = child.value().is_none() && child.children().all(|(key, _)| key.parse::<u64>().is_ok());
        if !is_list {
            match child.value() {
                Some(value) => xml.text(&lower, value),
                None => xml.node(&lower, |xml| write_structure(xml, child)),
            };
            continue;
        }
        // Groups of a network interface differ from the rule, and so do licences.
        let of_interface = name == "SecurityGroupId"
            && (node.child("DeviceIndex").is_some()
                || node.child("AssociatePublicIpAddress").is_some()
                || node.child("SubnetId").is_some());
        let (list, item) = match name {
            "SecurityGroupId" if of_interface => ("groupSet".to_owned(), "groupId"),
            "LicenseSpecification" => ("licenseSet".to_owned(), "item"),
            _ => (format!("{lower}Set"), "item"),
        };
        xml.node(&list, |xml| {
            for element in node.list(name) {
                match element.value() {
                    Some(value) => xml.text(item, value),
                    None => xml.node(item, |xml| write_structure(xml, element)),
                };
            }
        });
    }
}

fn write(xml: &mut Xml, template: &LaunchTemplate, tags: Option<&Tags>) {
    xml.text("launchTemplateId", &template.id)
        .text("launchTemplateName", &template.name)
        .text("createTime", timestamp(template.created_ms));
    xml.text("createdBy", &template.creator)
        .text("defaultVersionNumber", template.default_version)
        .text("latestVersionNumber", template.latest_version);
    tags::write(xml, tags);
}

fn write_version(xml: &mut Xml, template: &LaunchTemplate, number: u64, version: &Version) {
    xml.text("launchTemplateId", &template.id).text("launchTemplateName", &template.name).text("versionNumber", number);
    xml.optional("versionDescription", version.description.as_ref()).text("createTime", timestamp(version.created_ms));
    xml.text("createdBy", &template.creator).text("defaultVersion", number == template.default_version);
    xml.node("launchTemplateData", |xml| write_structure(xml, &version.data));
}

fn data_of(region: &Region, params: &Node) -> Result<Node, AwsError> {
    let data = params.child("LaunchTemplateData").filter(|data| !data.is_empty()).cloned().unwrap_or_default();
    if let Some(name) = data.text("InstanceType")
        && !name.contains('.')
    {
        return Err(AwsError::bad("InvalidParameterValue", format!("Invalid value '{name}' for InstanceType.")));
    }
    if data.child("SecurityGroupId").is_some()
        && data.list("NetworkInterface").iter().any(|interface| interface.child("SecurityGroupId").is_some())
    {
        let message = "Network interfaces and an instance-level security groups may not be specified on the same request";
        return Err(AwsError::bad("InvalidParameterCombination", format!("{message} in {}", region.name)));
    }
    Ok(data)
}

pub fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let params = call.params;
    let name = params.require("LaunchTemplateName")?.to_owned();
    let tags = tags::specified(params, "TagSpecification", "launch-template")?;
    let asked = params.fingerprint(&["ClientToken"]);
    let found = region(world, call.region);
    if let Some(id) = token::made_before(found, call, &asked)?.and_then(|ids| ids.into_iter().next())
        && let Some(template) = found.launch_templates.get(&id)
    {
        return Reply::write(|xml| {
            xml.node("launchTemplate", |xml| write(xml, template, found.tags.get(&id)));
        })
        .map(|reply| reply.repeated(true));
    }
    if name.len() < 3
        || name.len() > 128
        || !name.chars().all(|character| character.is_ascii_alphanumeric() || "().-/_".contains(character))
    {
        return Err(AwsError::bad(
            "InvalidLaunchTemplateName.MalformedException",
            format!("The launch template name {name} is not valid: 3 to 128 letters, digits or ().-/_"),
        ));
    }
    if found.launch_templates.values().any(|template| template.name == name) {
        return Err(AwsError::bad("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use."));
    }
    let data = data_of(found, params)?;
    call.may_proceed()?;
    let creator = world.credentials.get(&call.request.access_key).map(|credential| credential.principal_arn.clone()).unwrap_or_default();
    let id = world.random.id("lt");
    let created_ms = world.now_ms;
    let version = Version { data, description: params.owned("VersionDescription"), created_ms };
    let template = LaunchTemplate {
        id: id.clone(),
        name,
        created_ms,
        creator,
        default_version: 1,
        latest_version: 1,
        versions: BTreeMap::from([(1, version)]),
    };
    let region = region(world, call.region);
    token::remember(region, call, asked, vec![id.clone()]);
    let reply = Reply::write(|xml| {
        xml.node("launchTemplate", |xml| write(xml, &template, Some(&tags)));
    });
    region.tags.insert(id.clone(), tags);
    region.launch_templates.insert(id, template);
    reply
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let names = call.params.texts("LaunchTemplateName");
    region(world, call.region);
    let world = &*world;
    let region = &world.ec2[call.region];
    for name in &names {
        if !region.launch_templates.values().any(|template| template.name == *name && !world.too_fresh(template.created_ms)) {
            let message = "At least one of the launch templates specified in the request does not exist.";
            return Err(AwsError::bad("InvalidLaunchTemplateName.NotFoundException", message));
        }
    }
    let pass = |id: &str, template: &LaunchTemplate| {
        let passes = filters.pass(region.tags.get(id), |name| match name {
            "launch-template-name" => one(&template.name),
            "create-time" => one(timestamp(template.created_ms)),
            _ => None,
        })?;
        Ok(passes && (names.is_empty() || names.contains(&template.name)))
    };
    let noun = ("LaunchTemplateId", "InvalidLaunchTemplateId.NotFound", "launch template");
    let page = select(call.params, &region.launch_templates, noun, pass, |template| world.too_fresh(template.created_ms))?;
    Reply::write(|xml| {
        xml.items("launchTemplates", &page.ids, |xml, id| write(xml, &region.launch_templates[id], region.tags.get(id)));
        xml.optional("nextToken", page.next);
    })
}

pub fn create_version(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let params = call.params;
    let asked = params.fingerprint(&["ClientToken"]);
    let now_ms = world.now_ms;
    let region = region(world, call.region);
    let template = find(region, params)?;
    let id = template.id.clone();
    if let Some(number) = token::made_before(region, call, &asked)?.and_then(|made| made.first()?.parse().ok())
        && let Some(version) = template.versions.get(&number)
    {
        return Reply::write(|xml| {
            xml.node("launchTemplateVersion", |xml| write_version(xml, template, number, version));
        })
        .map(|reply| reply.repeated(true));
    }
    let mut data = match params.text("SourceVersion") {
        Some(source) => template.version(Some(source))?.1.data.clone(),
        None => Node::default(),
    };
    data.overlay(&data_of(region, params)?);
    call.may_proceed()?;
    let number = template.latest_version + 1;
    token::remember(region, call, asked, vec![number.to_string()]);
    let Some(template) = region.launch_templates.get_mut(&id) else { return Reply::done() };
    template.latest_version = number;
    template.versions.insert(number, Version { data, description: params.owned("VersionDescription"), created_ms: now_ms });
    let template = &*template;
    Reply::write(|xml| {
        xml.node("launchTemplateVersion", |xml| write_version(xml, template, number, &template.versions[&number]));
    })
}

pub fn describe_versions(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let params = call.params;
    let wanted = params.texts("LaunchTemplateVersion");
    let region = region(world, call.region);
    let named = params.text("LaunchTemplateId").is_some() || params.text("LaunchTemplateName").is_some();
    let templates: Vec<&LaunchTemplate> = if named { vec![find(region, params)?] } else { region.launch_templates.values().collect() };
    let mut found: Vec<(&LaunchTemplate, u64, &Version)> = Vec::new();
    for template in templates {
        if wanted.is_empty() {
            found.extend(template.versions.iter().map(|(number, version)| (template, *number, version)));
        }
        for text in &wanted {
            let (number, version) = template.version(Some(text))?;
            found.push((template, number, version));
        }
    }
    found.sort_by(|left, right| (&left.0.id, right.1).cmp(&(&right.0.id, left.1)));
    let start: usize = super::describe::token(params)?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let limit = super::describe::limit(params)?;
    let total = found.len();
    use base64::Engine as _;
    let next =
        (start.saturating_add(limit) < total).then(|| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode((start + limit).to_string()));
    Reply::write(|xml| {
        xml.items("launchTemplateVersionSet", found.into_iter().skip(start).take(limit), |xml, (template, number, version)| {
            write_version(xml, template, number, version);
        });
        xml.optional("nextToken", next);
    })
}

pub fn modify(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let region = region(world, call.region);
    let template = find(region, call.params)?;
    let id = template.id.clone();
    let number = template.version(call.params.text("SetDefaultVersion"))?.0;
    call.may_proceed()?;
    if let Some(template) = region.launch_templates.get_mut(&id) {
        template.default_version = number;
    }
    Reply::write(|xml| {
        xml.node("launchTemplate", |xml| write(xml, &region.launch_templates[&id], region.tags.get(&id)));
    })
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let region_name = call.region;
    let template = find(region(world, region_name), call.params)?.clone();
    call.may_proceed()?;
    let region = region(world, region_name);
    let tags = region.tags.remove(&template.id);
    region.launch_templates.remove(&template.id);
    Reply::write(|xml| {
        xml.node("launchTemplate", |xml| write(xml, &template, tags.as_ref()));
    })
}

pub fn delete_versions(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let region = region(world, call.region);
    let id = find(region, call.params)?.id.clone();
    call.may_proceed()?;
    let Some(template) = region.launch_templates.get_mut(&id) else { return Reply::done() };
    let (mut gone, mut failed) = (Vec::new(), Vec::new());
    for text in call.params.texts("LaunchTemplateVersion") {
        match text.parse::<u64>() {
            Ok(number) if number != template.default_version && template.versions.remove(&number).is_some() => gone.push(number),
            _ => failed.push(text),
        }
    }
    let item = |xml: &mut Xml, number: String| {
        xml.text("launchTemplateId", &id).text("launchTemplateName", &template.name).text("versionNumber", number);
    };
    Reply::write(|xml| {
        xml.items("successfullyDeletedLaunchTemplateVersionSet", gone, |xml, number| item(xml, number.to_string()));
        xml.items("unsuccessfullyDeletedLaunchTemplateVersionSet", failed, |xml, number| {
            item(xml, number);
            xml.node("responseError", |xml| {
                xml.text("code", "launchTemplateVersionDoesNotExist")
                    .text("message", "The version does not exist or is the default version");
            });
        });
    })
}
