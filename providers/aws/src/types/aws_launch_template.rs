//! `aws_launch_template`: how instances start; each change makes a new version.

mod shape;

use super::ec2;
use crate::client::{Region, failure, missing};
use crate::resource::{
    Change, Draft, Fetch, Found, Known, Mapped, Naming, Next, ReadSlot, ResourceType, Role, Work, Write, computed, describe, in_place,
    local, nested, on_create, unique_name,
};
use aws_sdk_ec2::types::{LaunchTemplate as Live, LaunchTemplateVersion, RequestLaunchTemplateData, ResourceType as Tagged};
use futures::StreamExt as _;
use windlass_api::{Availability, Error, ErrorKind, Value};

/// The type.
pub(crate) struct LaunchTemplate;

/// Versions are asked for one template a call.
const CALLS_AT_ONCE: usize = 8;

#[async_trait::async_trait]
impl ResourceType for LaunchTemplate {
    fn name(&self) -> &'static str {
        "aws_launch_template"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn id latest_version")
            .chain(on_create("name name_prefix region"))
            .chain(in_place("CreateLaunchTemplateVersion", "description"))
            .chain(nested::<RequestLaunchTemplateData>("", Role::InPlace("CreateLaunchTemplateVersion")))
            .chain(in_place("ModifyLaunchTemplate", "default_version"))
            .chain(in_place("CreateTags", "tags tags_all"))
            .chain(local("update_default_version"))
            .collect()
    }

    fn naming(&self) -> Naming {
        Naming::NameOrPrefix
    }

    fn plan(&self, change: &mut Change<'_>) {
        let Some(prior) = change.prior().cloned() else { return };
        if version_changes(&prior, &change.planned) {
            change.forget("latest_version");
            if change.planned.flag("update_default_version") == Some(true) {
                change.forget("default_version");
            }
        } else if change.planned.flag("update_default_version") == Some(true) && change.changes("update_default_version") {
            change.forget("default_version");
        }
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let ids: Vec<&str> = objects.iter().map(|known| known.id).collect();
        let answers = describe(&ids, |ids| async move {
            let answer = region.ec2.describe_launch_templates().set_launch_template_ids(Some(ids)).send().await;
            let templates = answer.map_err(|error| failure("ec2:DescribeLaunchTemplates", error))?.launch_templates.unwrap_or_default();
            Ok(templates.into_iter().filter_map(|template| Some((template.launch_template_id.clone()?, template))).collect())
        })
        .await;
        let one = |answer: Result<Option<Live>, Error>| async move {
            let Some(template) = answer? else { return Ok(None) };
            let version = latest(region, &template).await?;
            Ok(version.map(|version| draft(region, &template, version)))
        };
        futures::stream::iter(answers.into_iter().map(one)).buffered(CALLS_AT_ONCE).collect().await
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        Ok(match by_name(region, &unique_name(work)).await? {
            Some(id) => Availability::Taken { detail: format!("launch template \"{}\" exists already ({id})", unique_name(work)) },
            None => Availability::Free,
        })
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let call = region
            .ec2
            .create_launch_template()
            .client_token(&work.token)
            .launch_template_name(unique_name(work))
            .set_version_description(work.planned.text("description"))
            .launch_template_data(shape::data(&work.planned)?)
            .set_tag_specifications(ec2::tag_specifications(Tagged::LaunchTemplate, work));
        let answer = call.send().await.map_err(|error| failure("ec2:CreateLaunchTemplate", error))?;
        let id = answer.launch_template.and_then(|template| template.launch_template_id);
        id.ok_or_else(|| missing("ec2:CreateLaunchTemplate", "launch template id"))
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        match step {
            0 => {
                ec2::update_tags(region, work, id).await?;
                if version_changes(&work.prior, &work.planned) {
                    let call = region
                        .ec2
                        .create_launch_template_version()
                        .client_token(&work.token)
                        .launch_template_id(id)
                        .set_version_description(work.planned.text("description"))
                        .launch_template_data(shape::data(&work.planned)?);
                    call.send().await.map_err(|error| failure("ec2:CreateLaunchTemplateVersion", error))?;
                }
                Ok(Next::Step)
            }
            _ => {
                let answer = region.ec2.describe_launch_templates().launch_template_ids(id).send().await;
                let templates = answer.map_err(|error| failure("ec2:DescribeLaunchTemplates", error))?.launch_templates.unwrap_or_default();
                let template = templates.into_iter().next().ok_or_else(|| ec2::gone("ec2:DescribeLaunchTemplates", id))?;
                let wanted = match work.planned.flag("update_default_version") {
                    Some(true) => template.latest_version_number,
                    _ => work.planned.int("default_version").filter(|version| *version > 0).map(i64::from),
                };
                if let Some(version) = wanted.filter(|version| Some(*version) != template.default_version_number) {
                    let call = region.ec2.modify_launch_template().launch_template_id(id).default_version(version.to_string());
                    call.send().await.map_err(|error| failure("ec2:ModifyLaunchTemplate", error))?;
                }
                Ok(Next::Done)
            }
        }
    }

    async fn delete(&self, region: &Region, _work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let call = region.ec2.delete_launch_template().launch_template_id(id);
        call.send().await.map_err(|error| failure("ec2:DeleteLaunchTemplate", error))?;
        Ok(Next::Done)
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let answer = region.ec2.describe_launch_templates().filters(ec2::hidden_tag(work)).send().await;
        let templates = answer.map_err(|error| failure("ec2:DescribeLaunchTemplates", error))?.launch_templates.unwrap_or_default();
        Ok(Found::Marked(templates.into_iter().filter_map(|template| template.launch_template_id).collect()))
    }
}

/// Whether a plan changes what a version holds.
fn version_changes(prior: &Value, planned: &Value) -> bool {
    let mut paths = vec!["description".to_owned()];
    RequestLaunchTemplateData::paths("", &mut paths);
    paths.iter().filter(|path| !path.contains('.')).any(|name| prior.get(name) != planned.get(name))
}

async fn latest(region: &Region, template: &Live) -> Result<Option<LaunchTemplateVersion>, Error> {
    let version = template.latest_version_number.unwrap_or(1).to_string();
    let call = region.ec2.describe_launch_template_versions().set_launch_template_id(template.launch_template_id.clone()).versions(version);
    match call.send().await.map_err(|error| failure("ec2:DescribeLaunchTemplateVersions", error)) {
        Ok(answer) => Ok(answer.launch_template_versions.unwrap_or_default().into_iter().next()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn by_name(region: &Region, name: &str) -> Result<Option<String>, Error> {
    match region
        .ec2
        .describe_launch_templates()
        .launch_template_names(name)
        .send()
        .await
        .map_err(|error| failure("ec2:DescribeLaunchTemplates", error))
    {
        Ok(answer) => Ok(answer.launch_templates.unwrap_or_default().into_iter().find_map(|template| template.launch_template_id)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn draft(region: &Region, template: &Live, version: LaunchTemplateVersion) -> Draft {
    let id = template.launch_template_id.as_deref().unwrap_or_default();
    // The creator's ARN is the only place where EC2 tells the account.
    let creator = template.created_by.as_deref().unwrap_or_default();
    let account = creator.split(':').nth(4).unwrap_or_default();
    let mut draft = Draft::new();
    let data = version.launch_template_data.map(shape::normalised);
    if let Some(fields) = data.load().elements().and_then(|blocks| blocks.first()).and_then(Value::fields) {
        draft.0.extend(fields.clone());
    }
    draft
        .text("arn", Some(region.arn("ec2", account, &format!("launch-template/{id}"))))
        .int("default_version", template.default_version_number)
        .text("description", version.version_description)
        .int("latest_version", template.latest_version_number)
        .text("name", template.launch_template_name.as_deref())
        .pairs("tags_all", ec2::tag_pairs(template.tags()));
    draft
}
