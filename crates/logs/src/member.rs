//! What the path of a log tells: job, step and attempt.

/// What is known of a log from its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The job; for a container of Kubernetes `namespace/pod/container`.
    pub job: Option<String>,
    /// Number and name of the step.
    pub step: Option<(u32, String)>,
    /// The attempt; for a container how often it was restarted.
    pub attempt: Option<u32>,
}

impl Member {
    /// Reads a path: `JOB/N_STEP.txt` and `N_JOB.txt` of the archives of GitHub Actions and Azure Pipelines, and
    /// `/var/log/pods/NAMESPACE_POD_UID/CONTAINER/N.log`. `None` if it is none of them.
    ///
    /// ```
    /// let member = logs::Member::from_path("build (linux)/3_Run make.txt").expect("a step");
    /// assert_eq!(member.job.as_deref(), Some("build (linux)"));
    /// assert_eq!(member.step, Some((3, "Run make".to_owned())));
    /// ```
    pub fn from_path(path: &str) -> Option<Member> {
        pod(path).or_else(|| archive(path))
    }
}

fn archive(path: &str) -> Option<Member> {
    let mut parts = path.rsplit('/');
    let file = parts.next()?.strip_suffix(".txt")?;
    // Old archives have `-DIGITS_JOB.txt`.
    let (number, name) = file.strip_prefix('-').unwrap_or(file).split_once('_')?;
    let number: u32 = Some(number).filter(|n| n.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let name = Some(name.trim()).filter(|name| !name.is_empty())?;
    match parts.next().filter(|job| !job.is_empty() && !file.starts_with('-')) {
        Some(job) => Some(Member { job: Some(job.to_owned()), step: Some((number, name.to_owned())), attempt: None }),
        None => Some(Member { job: Some(name.to_owned()), step: None, attempt: None }),
    }
}

fn pod(path: &str) -> Option<Member> {
    let rest = &path[path.find("log/pods/")? + "log/pods/".len()..];
    let mut parts = rest.split('/');
    let (pod, container, file) = (parts.next()?, parts.next()?, parts.next()?);
    let attempt = file.split('.').next()?.parse().ok()?;
    let (pod, _uid) = pod.rsplit_once('_')?;
    let (namespace, pod) = pod.split_once('_')?;
    Some(Member { job: Some(format!("{namespace}/{pod}/{container}")), step: None, attempt: Some(attempt) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Option<(Option<String>, Option<(u32, String)>, Option<u32>)> {
        Member::from_path(path).map(|m| (m.job, m.step, m.attempt))
    }

    #[test]
    fn paths_tell_job_and_step() {
        let job = |name: &str| Some(name.to_owned());
        assert_eq!(read("0_build.txt"), Some((job("build"), None, None)));
        assert_eq!(read("-12345_build.txt"), Some((job("build"), None, None)));
        assert_eq!(read("build/1_Set up job.txt"), Some((job("build"), Some((1, "Set up job".to_owned())), None)));
        assert_eq!(read("/var/log/pods/ns_web-0_5d1c/main/2.log"), Some((job("ns/web-0/main"), None, Some(2))));
        for path in ["build/system.txt", "notes.txt", "a/x_y.txt", "log/pods/a/b/c", "3_.txt", "readme.md"] {
            assert_eq!(read(path), None, "{path}");
        }
    }
}
