//! CloudFormation's side of a custom resource: the request, and the answer that it waits for at a presigned address.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What CloudFormation sends; its members are named as it names them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    request_type: String,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
}

/// How the work ended.
pub enum Outcome {
    Success,
    Failed(String),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    status: &'a str,
    reason: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
    physical_resource_id: &'a str,
}

impl Request {
    /// `None` where the event is something else (a schedule, a call by hand).
    #[must_use]
    pub fn from_event(event: &Value) -> Option<Self> {
        Self::deserialize(event).ok()
    }

    #[must_use]
    pub fn is_delete(&self) -> bool {
        self.request_type == "Delete"
    }

    /// # Errors
    /// When the answer can't be delivered; CloudFormation then waits until its own timeout.
    pub async fn answer(&self, outcome: &Outcome) -> Result<(), reqwest::Error> {
        let (status, reason) = match outcome {
            Outcome::Success => ("SUCCESS", "schema applied"),
            Outcome::Failed(reason) => ("FAILED", reason.as_str()),
        };
        let answer = Answer {
            status,
            reason,
            stack_id: &self.stack_id,
            request_id: &self.request_id,
            logical_resource_id: &self.logical_resource_id,
            physical_resource_id: self.physical_resource_id.as_deref().unwrap_or("schema"),
        };
        // The address is signed without a content type: sending one would break the signature.
        let body = serde_json::to_vec(&answer).unwrap_or_default();
        reqwest::Client::new().put(&self.response_url).body(body).send().await?.error_for_status()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Bytes, routing::put};
    use serde_json::json;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn cloudformation_gets_the_answer_it_waits_for() {
        let (sender, mut received) = mpsc::channel::<Bytes>(1);
        let app =
            Router::new().route("/answer", put(move |body: Bytes| async move { sender.send(body).await.unwrap() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/answer", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });

        let event = json!({
            "RequestType": "Create", "ResponseURL": url, "StackId": "stack", "RequestId": "request",
            "ResourceType": "Custom::Schema", "LogicalResourceId": "Schema", "ResourceProperties": {"ServiceToken": "arn"},
        });
        let request = Request::from_event(&event).unwrap();
        request.answer(&Outcome::Failed("no disk".to_owned())).await.unwrap();

        let answer: Value = serde_json::from_slice(&received.recv().await.unwrap()).unwrap();
        assert_eq!(
            answer,
            json!({
                "Status": "FAILED", "Reason": "no disk", "StackId": "stack", "RequestId": "request",
                "LogicalResourceId": "Schema", "PhysicalResourceId": "schema",
            })
        );
    }

    #[test]
    fn a_schedule_is_not_a_custom_resource() {
        assert!(Request::from_event(&json!({"source": "aws.events", "detail-type": "Scheduled Event"})).is_none());
        assert!(Request::from_event(&json!({})).is_none());
    }
}
