//! The configuration to paste into an application.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::{App, ClientAuthentication, Endpoints, Rendering, SnippetWay, presets};
use doorward_directory::Right;
use doorward_provider::{Server, path};

use super::{
    caller::Caller,
    error::ApiResult,
    input::{Names, Query},
    state::ApiState,
};

/// Show the configuration to paste into an application. With `secret=true` its secret is filled in, which is recorded.
#[utoipa::path(get, path = "/api/v1/apps/{app}/snippet", tag = "apps",
    params(("app" = String, Path, description = "Client id."), api::SnippetQuery),
    responses((status = 200, body = api::Snippet, description = "The configuration.")))]
pub(super) async fn show_snippet(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
    Query(query): Query<api::SnippetQuery>,
) -> ApiResult<Json<api::Snippet>> {
    let with_secret = query.secret.unwrap_or(false);
    caller.require(if with_secret {
        Right::ChangeApps
    } else {
        Right::ReadApps
    })?;
    let snapshot = state.apps.snapshot().await?;
    let app = snapshot.require(&client_id)?;
    let shown = if with_secret && app.authentication == ClientAuthentication::ClientSecret {
        Some(
            state
                .apps
                .show_secret(&caller.author(), &app.client_id, state.now())
                .await?,
        )
    } else {
        None
    };
    let secret = shown.as_ref().map(|shown| shown.secret.expose());
    Ok(Json(render(&state, app, secret, query.ca_file.as_deref())?))
}

/// The preset's configuration, filled in.
pub(super) fn render(
    state: &ApiState,
    app: &App,
    secret: Option<&str>,
    ca_file: Option<&str>,
) -> ApiResult<api::Snippet> {
    let preset = presets().require(&app.preset)?;
    let endpoints = endpoints(&state.server, app);
    let rendered = preset.render(&Rendering {
        endpoints: &endpoints,
        app,
        secret,
        ca_file,
    })?;
    Ok(api::Snippet {
        parts: rendered
            .snippets
            .into_iter()
            .map(|part| api::SnippetPart {
                title: part.title,
                way: match part.way {
                    SnippetWay::File => api::SnippetWay::File,
                    SnippetWay::Env => api::SnippetWay::Env,
                    SnippetWay::Cli => api::SnippetWay::Cli,
                    SnippetWay::Ui => api::SnippetWay::Ui,
                    SnippetWay::Compose => api::SnippetWay::Compose,
                    SnippetWay::Helm => api::SnippetWay::Helm,
                },
                place: part.place,
                language: part.language,
                alternative: part.alternative,
                text: part.text,
            })
            .collect(),
        private_ca: rendered.private_ca,
        logout: rendered.logout,
        notes: rendered
            .notes
            .into_iter()
            .map(|note| api::SnippetNote {
                versions: note.versions,
                text: note.text,
            })
            .collect(),
    })
}

fn endpoints(server: &Server, app: &App) -> Endpoints {
    let issuer = server.issuer(app).into_owned();
    Endpoints {
        discovery: format!("{issuer}{}", path::DISCOVERY),
        issuer,
        authorization_endpoint: server.url(path::AUTHORIZE),
        token_endpoint: server.url(path::TOKEN),
        userinfo_endpoint: server.url(path::USERINFO),
        jwks_uri: server.url(path::JWKS),
        end_session_endpoint: server.url(path::LOGOUT),
        public_url: server.public_url().to_owned(),
    }
}
