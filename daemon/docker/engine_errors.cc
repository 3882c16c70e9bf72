#include "daemon/docker/engine_errors.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "daemon/docker/json_fields.h"

namespace nopo {
namespace {

std::string EngineMessage(int http_status, absl::string_view body) {
  std::string message;
  if (absl::StrContains(body, "{")) {
    if (const auto json = ParseJson(body); json.ok()) message = TextAt(*json, {"message"});
  } else {
    message = std::string(absl::StripAsciiWhitespace(body));
  }
  if (message.empty()) message = absl::StrCat("the Docker Engine answered HTTP ", http_status);
  return message;
}

absl::StatusCode ConflictCode(absl::string_view message) {
  const bool name_taken = absl::StrContains(message, "is already in use by container") ||
                          absl::StrContains(message, "already exists");
  return name_taken ? absl::StatusCode::kAlreadyExists : absl::StatusCode::kFailedPrecondition;
}

constexpr char kLoginHint[] = "Log in there as the user who runs nopo: `docker login REGISTRY`.";

// What registries, and the engine on their behalf, say to somebody they do not let in.
bool RefusesLogin(absl::string_view message) {
  for (const char* words : {"unauthorized", "no basic auth credentials", "denied", "401"}) {
    if (absl::StrContains(absl::AsciiStrToLower(message), words)) return true;
  }
  return false;
}

}  // namespace

absl::Status EngineError(int http_status, absl::string_view body) {
  const std::string message = EngineMessage(http_status, body);
  switch (http_status) {
    case 404:
      return MakeError(absl::StatusCode::kNotFound, Reason::kEngineFailed, message);
    case 409:
      return MakeError(ConflictCode(message), Reason::kEngineFailed, message);
    case 403:  // A network in use, or a subnet.
      return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kEngineFailed, message);
    case 502:  // From the proxy in front of an engine in a virtual machine.
    case 503:
      return MakeError(absl::StatusCode::kUnavailable, Reason::kEngineUnavailable, message);
    default:
      return MakeError(absl::StatusCode::kInternal, Reason::kEngineFailed, message);
  }
}

absl::Status StartError(absl::Status error) {
  const bool port_taken = absl::StrContains(error.message(), "port is already allocated") ||
                          absl::StrContains(error.message(), "address already in use");
  if (!port_taken) return error;
  return MakeError(absl::StatusCode::kResourceExhausted, Reason::kPortTaken, error.message());
}

absl::Status RegistryError(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnavailable:
      return error;  // About the engine, not the registry.
    default:
      break;
  }
  const absl::string_view message = error.message();
  if (absl::StrContains(message, "does not exist locally")) return error;
  const bool absent = absl::IsNotFound(error) || absl::StrContains(message, "not found") ||
                      absl::StrContains(message, "manifest unknown");
  absl::Status status =
      MakeError(absent ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable,
                Reason::kNetwork, message);
  return RefusesLogin(message) ? WithHint(status, kLoginHint) : status;
}

absl::Status DialError(const absl::Status& error) {
  if (absl::IsPermissionDenied(error)) {
    return WithHint(WithReason(error, Reason::kPermission),
                    "Add your user to the group that owns the socket (usually 'docker') and log in "
                    "again, or use a rootless engine.");
  }
  if (absl::IsCancelled(error)) return error;
  if (absl::IsFailedPrecondition(error)) {
    return WithHint(WithReason(error, Reason::kEngineUnavailable),
                    "The files for TLS are ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH, or of "
                    "the Docker context.");
  }
  return WithHint(WithReason(error, Reason::kEngineUnavailable),
                  "Start Docker, or set DOCKER_HOST to the address it listens on.");
}

absl::Status LostEngineError(const Endpoint& endpoint) {
  return MakeError(
      absl::StatusCode::kUnavailable, Reason::kEngineUnavailable,
      absl::StrCat("the Docker Engine at ", endpoint.ToString(), " closed the connection"));
}

}  // namespace nopo
