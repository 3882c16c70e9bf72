// What the engine's refusals mean. Pure.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/endpoint.h"

namespace nopo {

// The error that an HTTP status of 400 and above with `body` ({"message": "..."}, or plain text
// from old engines) stands for, as docker_engine.h lists them.
absl::Status EngineError(int http_status, absl::string_view body);

// `error` of POST /containers/{id}/start: tells a taken host port from other failures.
absl::Status StartError(absl::Status error);

// `error` of a pull or a push, whether it came as a status or inside the answer: what a registry
// has to say has reason NETWORK.
absl::Status RegistryError(const absl::Status& error);

// `error` of Dial with its reason, and with advice for the user.
absl::Status DialError(const absl::Status& error);

// The engine at `endpoint` closed a connection before it had answered.
absl::Status LostEngineError(const Endpoint& endpoint);

}  // namespace nopo
