//! Refuses unsafe requests that a page of another site made the browser send.

use crate::failure::Refusal;
use axum::http::{HeaderMap, Method, Uri, header};

/// A request that may change something comes from our own pages, or from a program that is no browser. `Sec-Fetch-Site` says so where the
/// browser sends it, `Origin` where it does not.
pub(super) fn check(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetched_from_elsewhere = text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    let host = text(header::HOST.as_str()).or_else(|| uri.authority().map(|authority| authority.as_str()));
    let origin_is_elsewhere = text(header::ORIGIN.as_str()).is_some_and(|origin| origin.split_once("://").map(|(_, host)| host) != host);
    if fetched_from_elsewhere || origin_is_elsewhere {
        let detail = "The request was sent by a page of another site. Open Holdfast itself and do it there.";
        return Err(Refusal::new(403, "cross_site_request", "The request came from another site", detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        check(&method, &Uri::from_static("/api"), &headers).is_ok()
    }

    #[test]
    fn our_own_pages_and_programs_may_change_things() {
        assert!(checked(Method::POST, &[("host", "till.local:8080")]));
        assert!(checked(Method::POST, &[("host", "till.local:8080"), ("origin", "http://till.local:8080"), ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn a_page_of_another_site_may_not() {
        let elsewhere: &[&[(&str, &str)]] = &[
            &[("host", "till.local"), ("origin", "https://evil.example")],
            &[("host", "till.local"), ("origin", "null")],
            &[("host", "till.local"), ("origin", "http://till.local:81")],
            &[("host", "till.local"), ("sec-fetch-site", "cross-site")],
            &[("host", "till.local"), ("sec-fetch-site", "same-site")],
        ];
        for headers in elsewhere {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                assert!(!checked(method.clone(), headers), "{method} {headers:?}");
            }
            assert!(checked(Method::GET, headers), "reading is harmless: {headers:?}");
        }
    }
}
