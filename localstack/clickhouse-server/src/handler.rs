//! One request, from its head to its response.

use std::convert::Infallible;
use std::sync::Arc;

use http::header::ACCEPT_ENCODING;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::auth::Credentials;
use crate::compression::http::Encoding;
use crate::exception::Exception;
use crate::execute::{self, Query, Setup};
use crate::request::{self, Params, Statement};
use crate::response::{self, Body, Reply};
use crate::sql;
use crate::state::State;

const NOT_FOUND: &str = "There is no such handle.\n\nUse / or /ping for health checks.\nSend queries from your program \
                         with POST method or GET /?query=...\n";

/// Answers any request; nothing of a request makes the server fail.
pub async fn handle(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let method_is_safe = matches!(parts.method, Method::GET | Method::HEAD);
    Ok(match (&parts.method, parts.uri.path()) {
        (&Method::GET | &Method::HEAD, "/ping" | "/replicas_status") => response::text(StatusCode::OK, "Ok.\n"),
        (&Method::GET | &Method::HEAD | &Method::POST | &Method::PUT, "/" | "/query") => {
            let params = Params::parse(parts.uri.query().unwrap_or_default(), &parts.headers);
            if method_is_safe && parts.uri.query().is_none() {
                response::text(StatusCode::OK, "Ok.\n")
            } else {
                statement(&state, params, &parts, body, method_is_safe).await
            }
        }
        (_, "/" | "/query" | "/ping" | "/replicas_status") => {
            response::text(StatusCode::NOT_IMPLEMENTED, "Unsupported method.\n")
        }
        _ => response::text(StatusCode::NOT_FOUND, NOT_FOUND),
    })
}

async fn statement(
    state: &Arc<State>,
    mut params: Params,
    parts: &Parts,
    body: Incoming,
    safe_method: bool,
) -> Response<Body> {
    let query_id = params.query_id.take().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let reply = Reply {
        query_id: query_id.clone(),
        native_blocks: params.compress,
        encoding: accepted(&parts.headers).filter(|_| params.http_compression),
        wait_end_of_query: params.wait_end_of_query,
    };
    match run(state, params, parts, body, safe_method, reply).await {
        Ok(response) => response,
        Err(exception) => {
            if exception.status().is_server_error() {
                tracing::warn!(code = exception.code(), %query_id, "a statement failed");
            }
            response::failure(&state.info, &query_id, &exception)
        }
    }
}

fn accepted(headers: &HeaderMap) -> Option<Encoding> {
    headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).and_then(Encoding::accepted)
}

async fn run(
    state: &Arc<State>,
    mut params: Params,
    parts: &Parts,
    body: Incoming,
    safe_method: bool,
    reply: Reply,
) -> Result<Response<Body>, Exception> {
    check(state, &params.credentials)?;
    let (body, tables) = request::read(&parts.headers, body, &mut params).await?;
    params.check_settings(&state.info)?;
    let session = params.session()?.map(|session| state.sessions.lease(session)).transpose()?;
    let ticket = state.running.start(&reply.query_id)?;
    let statement = Statement::read(&params.query, body).await?;
    let mut setup = Setup {
        state: Arc::clone(state),
        database: params.database,
        settings: params.settings,
        tables,
        session,
        safe_method,
        changes_database: false,
    };
    if let Some(insert) = sql::insert_head(&statement.text) {
        let (head, format, data) = statement.split(&insert)?;
        let format = format.or(params.default_format).unwrap_or_else(|| "Values".to_owned());
        let outcome = execute::insert(setup, ticket, head, format, params.bindings, data).await?;
        return Ok(reply.done(&state.info, outcome));
    }
    let query = Query::new(statement.into_text().await?, &ticket, params.default_format, params.bindings);
    setup.changes_database = query.changes_database();
    let format = query.format().to_owned();
    let (pipe, job) = execute::query(setup, query, ticket).await?;
    reply.stream(&state.info, &format, pipe, job).await
}

fn check(state: &State, credentials: &Credentials) -> Result<(), Exception> {
    state.account.as_ref().map_or(Ok(()), |account| account.check(credentials))
}
