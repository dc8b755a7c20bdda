"""Makes a webhook, has things happen to models and prompts, and says what a client sees: python webhooks.py RECEIVER_URL."""

import json
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookStatus
from mlflow.exceptions import MlflowException

EVENTS = [
    "registered_model.created",
    "model_version.created",
    "model_version_tag.set",
    "model_version_tag.deleted",
    "model_version_alias.created",
    "model_version_alias.deleted",
    "prompt.created",
    "prompt_version.created",
    "prompt_tag.set",
    "prompt_tag.deleted",
    "prompt_version_tag.set",
    "prompt_alias.created",
    "prompt_alias.deleted",
]

url = sys.argv[1]
client = MlflowClient()
seen = {}


def shown(webhook):
    return {
        "name": webhook.name,
        "url": webhook.url,
        "description": webhook.description,
        "events": sorted(str(event) for event in webhook.events),
        "status": str(webhook.status),
        "secret": webhook.secret,
    }


def refused(work):
    try:
        work()
    except MlflowException as error:
        return error.error_code
    return None


made = client.create_webhook(name="all", url=f"{url}/all", events=EVENTS, secret="a secret", description="Everything")
seen["created"] = shown(made)
seen["got"] = shown(client.get_webhook(made.webhook_id))
other = client.create_webhook(name="other", url=f"{url}/other", events=["model_version.created"], status="DISABLED")
seen["list"] = sorted(each.name for each in client.list_webhooks())
first = client.list_webhooks(max_results=1)
seen["pages"] = [len(first), len(client.list_webhooks(max_results=1, page_token=first.token))]
seen["updated"] = shown(
    client.update_webhook(other.webhook_id, name="renamed", description="Later", events=["prompt.created"], url=f"{url}/renamed")
)
seen["turned on"] = str(client.update_webhook(other.webhook_id, status=WebhookStatus.ACTIVE).status)
result = client.test_webhook(made.webhook_id, event="model_version_tag.set")
seen["tested"] = [result.success, result.response_status]
client.delete_webhook(other.webhook_id)
seen["gone"] = refused(lambda: client.get_webhook(other.webhook_id))
seen["bad name"] = refused(lambda: client.create_webhook(name="-bad-", url=url, events=["prompt.created"]))
seen["bad url"] = refused(lambda: client.create_webhook(name="bad", url="ftp://example.org/", events=["prompt.created"]))

client.create_registered_model("digits", tags={"team": "vision"}, description="Reads digits")
client.create_model_version("digits", "s3://bucket/one", tags={"a": "1"}, description="The first")
client.create_model_version("digits", "s3://bucket/two")
client.set_model_version_tag("digits", "1", "stage", "ready")
client.delete_model_version_tag("digits", "1", "stage")
client.set_registered_model_alias("digits", "champion", "1")
client.set_registered_model_alias("digits", "champion", "2")
client.delete_registered_model_alias("digits", "champion")
mlflow.genai.register_prompt("greeting", "Hello {{name}}!", commit_message="The first", tags={"tone": "kind"})
mlflow.genai.set_prompt_alias("greeting", "live", 1)
mlflow.genai.delete_prompt_alias("greeting", "live")
print(json.dumps(seen))
