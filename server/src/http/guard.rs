//! What lies around every route.

use super::caller::{Pace, Pacer, Seats, TrustedProxies};
use super::problem::{LoggedFault, RefusalCode};
use super::{App, ClientAddress, RequestContext, Transport, cross_site, health};
use crate::failure::{Fault, Refusal};
use crate::{environment::Environment, metrics};
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use ipnet::IpNet;
use std::any::Any;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

/// What one request, and all of them together, may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest body, where a route does not say otherwise.
    pub body_bytes: usize,
    /// The longest time until the answer begins.
    pub time: Duration,
    /// How many may be under way at once.
    pub at_once: usize,
    /// How many of them may be one address's. A whole shop may share one.
    pub at_once_per_address: u32,
    /// How often one address may ask. A whole shop may share one.
    pub pace: Pace,
    /// Whose word on the caller's address counts.
    pub proxies: TrustedProxies,
    /// Who may read `/metrics`, which tells how busy each company is: this machine, where nothing else is said.
    pub metrics_from: Arc<[IpNet]>,
}

impl Default for Limits {
    fn default() -> Self {
        let pace = Pace { per_second: 200, burst: 2_000 };
        Self {
            body_bytes: 64 * 1024,
            time: Duration::from_secs(30),
            at_once: 1_024,
            at_once_per_address: 128,
            pace,
            proxies: TrustedProxies::default(),
            metrics_from: this_machine(),
        }
    }
}

fn this_machine() -> Arc<[IpNet]> {
    Arc::new([IpNet::new_assert(IpAddr::from([127, 0, 0, 0]), 8), IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST))])
}

#[derive(Clone)]
struct Guard {
    environment: Environment,
    transport: Transport,
    time: Duration,
    places: Arc<Semaphore>,
    seats: Seats,
    pacer: Pacer,
    proxies: TrustedProxies,
    metrics_from: Arc<[IpNet]>,
}

/// Puts the guard around the router.
pub(super) fn around(router: Router<App>, app: &App, limits: Limits) -> Router<App> {
    let guard = Guard {
        environment: app.environment.clone(),
        transport: app.transport,
        time: limits.time,
        places: Arc::new(Semaphore::new(limits.at_once)),
        seats: Seats::new(limits.at_once_per_address),
        pacer: Pacer::new(limits.pace),
        proxies: limits.proxies,
        metrics_from: limits.metrics_from,
    };
    router.layer(DefaultBodyLimit::max(limits.body_bytes)).layer(CatchPanicLayer::custom(panicked)).layer(from_fn_with_state(guard, observe))
}

/// Names, bounds, counts and logs a request.
async fn observe(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let began = guard.environment.elapsed();
    let context = RequestContext::begin(request.headers(), &guard.environment);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", |path| path.as_str()).to_owned();
    request.extensions_mut().insert(context.clone());
    let caller = peer(&request).map(|peer| guard.proxies.caller(peer, request.headers()));
    if let Some(caller) = caller {
        request.extensions_mut().insert(ClientAddress(caller));
    }
    let span = tracing::info_span!("request", request.id = %context.request_id(), trace.id = context.trace_id());
    let mut response = bounded(&guard, request, next).instrument(span).await;
    let took = guard.environment.elapsed().saturating_sub(began);
    name(&mut response, &context);
    protect(&mut response, guard.transport);
    metrics::count_request(counted_as(&method), &route, response.status().as_u16(), took);
    log(&response, &context, &Served { method: method.as_str(), route: &route, took });
    response
}

/// Runs the handler if the request may run at all, there is a place, and only for so long.
async fn bounded(guard: &Guard, request: Request, next: Next) -> Response {
    if let Err(refusal) = cross_site::check(request.method(), request.uri(), request.headers()) {
        return refusal.into_response();
    }
    let caller = request.extensions().get().map(|ClientAddress(caller)| *caller);
    if let Some(caller) = caller
        && let Err(wait) = guard.pacer.admit(caller, guard.environment.elapsed())
    {
        return too_many(wait).into_response();
    }
    if request.uri().path() == health::METRICS && caller.is_some_and(|caller| !guard.metrics_from.iter().any(|network| network.contains(&caller))) {
        let detail = "Ask from the machine that measures, or name its network when the server is started.";
        return Refusal::new(403, "metrics_not_for_this_address", "The measurements are not for this address", detail).into_response();
    }
    let seat = caller.map(|caller| guard.seats.take(caller));
    if let Some(None) = seat {
        return too_many(Duration::ZERO).into_response();
    }
    let Ok(_place) = guard.places.try_acquire() else {
        let mut refusal = Refusal::new(503, "overloaded", "The server has too much to do", "Try again in a moment.");
        refusal.retry_after_s = Some(1);
        return refusal.into_response();
    };
    match tokio::time::timeout(guard.time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = "Nothing is known about whether it was done. Look, then try again.";
            let mut refusal = Refusal::new(503, "took_too_long", "It took too long", detail);
            refusal.retry_after_s = Some(1);
            refusal.into_response()
        }
    }
}

/// A label of its own only for what a route can be asked with: anybody may invent methods, and each label is kept for ever.
fn counted_as(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    const NAMES: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.iter().position(|known| known == method).map_or("other", |at| NAMES[at])
}

/// The other end of the connection; none where a program calls the router itself.
fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())
}

fn too_many(wait: Duration) -> Refusal {
    let seconds = wait.as_secs() + 1;
    let detail = format!("From your address come more requests than one shop can make. Try again in {seconds} seconds.");
    let mut refusal = Refusal::new(429, "too_many_requests", "Too many requests", detail);
    refusal.retry_after_s = Some(seconds);
    refusal
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Fault::because(format!("a handler panicked: {}", said.unwrap_or("it did not say why"))).into_response()
}

fn name(response: &mut Response, context: &RequestContext) {
    let headers = response.headers_mut();
    let text = |text: String| HeaderValue::try_from(text).expect("ids are written in ASCII");
    headers.insert("x-request-id", text(context.request_id().to_string()));
    headers.insert("traceparent", text(context.traceparent()));
    // Who signs out is signed out, also with the request that would have renewed the session.
    if let Some(cookie) = context.renewed() {
        headers.entry(header::SET_COOKIE).or_insert_with(|| cookie.clone());
    }
}

/// Headers that tell browsers what not to do. No page of ours holds inline script; the app's WebAssembly is compiled from our own files.
fn protect(response: &mut Response, transport: Transport) {
    // `style-src-attr`: the view library writes style attributes into the templates it clones; no style element and no foreign sheet is let in.
    const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
        style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; \
        manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    // A route may say something stricter of what it gives out.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(self), geolocation=(), microphone=(), payment=()"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    if transport == Transport::Tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

struct Served<'a> {
    method: &'a str,
    route: &'a str,
    took: Duration,
}

/// One line per request. Never an address' query, a header, a cookie or a body.
fn log(response: &Response, context: &RequestContext, served: &Served<'_>) {
    let status = response.status().as_u16();
    let ms = u64::try_from(served.took.as_millis()).unwrap_or(u64::MAX);
    let (tenant, account) = context.signed_in().unzip();
    let (tenant, account) = (tenant.map(tracing::field::display), account.map(tracing::field::display));
    let (method, route) = (served.method, served.route);
    let (request, trace) = (tracing::field::display(context.request_id()), context.trace_id());
    if let Some(LoggedFault(fault)) = response.extensions().get::<LoggedFault>() {
        tracing::error!(
            method, route, status, ms, request.id = request, trace.id = trace, tenant.id = tenant, account.id = account, error = %fault, "request"
        );
    } else {
        let code = response.extensions().get::<RefusalCode>().map(|code| code.0);
        tracing::info!(method, route, status, ms, request.id = request, trace.id = trace, tenant.id = tenant, account.id = account, code, "request");
    }
}
