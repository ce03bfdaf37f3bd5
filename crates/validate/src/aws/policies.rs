//! Which policies and groups a key has, as far as it may read them itself.

use super::{IAM, call, now, pair};
use crate::check::Asked;
use crate::net::Net;
use crate::values::percent_encoded;
use model::Reachable;

const VERSION: &str = "2010-05-08";
/// Names that are told, at most.
const NAMED: usize = 5;

/// What is listed of whom: its kind for people, the action, the element that holds a name.
type List = (&'static str, &'static str, &'static str);

const OF_USERS: [List; 3] = [
    ("attached policies", "ListAttachedUserPolicies", "PolicyName"),
    ("inline policies", "ListUserPolicies", "member"),
    ("groups", "ListGroupsForUser", "GroupName"),
];
const OF_ROLES: [List; 2] = [
    ("attached policies", "ListAttachedRolePolicies", "PolicyName"),
    ("inline policies", "ListRolePolicies", "member"),
];

/// What belongs to whom an ARN names; what it may not read is left out.
pub(super) async fn of(asked: &Asked, arn: &str, net: &Net) -> Vec<Reachable> {
    let (Some((lists, parameter, name)), Ok(pair)) = (holder(arn), pair(asked, IAM)) else { return Vec::new() };
    let mut reach = Vec::new();
    for (kind, action, element) in lists {
        let name = percent_encoded(name.as_bytes(), "");
        let body = format!("Action={action}&{parameter}={name}&Version={VERSION}");
        let Ok(answer) = net.send(&call(asked, &pair, IAM, &body, now())).await else { continue };
        if answer.status != 200 {
            continue;
        }
        let xml = String::from_utf8_lossy(&answer.body).into_owned();
        let names = elements(&xml, element);
        let first = names.iter().take(NAMED).map(|name| (*name).to_owned()).collect();
        reach.push(Reachable { kind: (*kind).to_owned(), count: names.len() as u64, names: first });
    }
    reach
}

/// What is listed, the parameter that names the holder, and the name; `None` for the root user and others without lists.
fn holder(arn: &str) -> Option<(&'static [List], &'static str, &str)> {
    let resource = arn.split(' ').next()?.splitn(6, ':').nth(5)?;
    let (kind, path) = resource.split_once('/')?;
    match kind {
        "user" => Some((&OF_USERS, "UserName", path.rsplit('/').next()?)),
        // The name of the session stands behind that of the role.
        "assumed-role" => Some((&OF_ROLES, "RoleName", path.split('/').next()?)),
        _ => None,
    }
}

/// The texts of all elements of this name that hold text alone.
fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let texts = xml.split(start.as_str()).skip(1).filter_map(|rest| Some(rest.split_once(end.as_str())?.0.trim()));
    texts.filter(|text| !text.contains('<')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_the_holder() {
        let of = |arn: &'static str| holder(arn).map(|(lists, parameter, name)| (lists.len(), parameter, name));
        assert_eq!(of("arn:aws:iam::123456789012:user/ci/deploy"), Some((3, "UserName", "deploy")));
        assert_eq!(of("arn:aws:sts::123456789012:assumed-role/app/session"), Some((2, "RoleName", "app")));
        assert_eq!(of("arn:aws:iam::123456789012:root"), None);
        assert_eq!(elements("<m><PolicyName>a</PolicyName></m><PolicyName> b </PolicyName>", "PolicyName"), ["a", "b"]);
    }
}
