// A user's logins at registries, as `docker login` has left them.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cancellation.h"
#include "common/mutex.h"

namespace nopo {

// All empty: anonymous.
struct RegistryLogin {
  std::string username, password;
  std::string identity_token;  // Exchanged for access tokens; stands instead of a password.
  std::string registry_token;  // A bearer token to be sent as it is.
  friend bool operator==(const RegistryLogin&, const RegistryLogin&) = default;
};

// Reads the user's Docker configuration: `credHelpers` of a registry before `credsStore` before
// `auths`. Remembers every answer, so it is made for one request. Thread-safe.
class RegistryLogins {
 public:
  // `environment` is the user's: it says where the configuration is, and credential helpers are
  // looked for on its PATH and run with it.
  explicit RegistryLogins(std::map<std::string, std::string> environment);

  // The login at `registry` ("registry.example:5000"; Docker Hub by any of its names). Blocks while
  // a credential helper runs.
  //
  // Errors:
  //   INVALID_ARGUMENT (CONFIGURATION)      the configuration is no JSON, a login in it is garbled,
  //                                         or it names a helper that does not exist
  //   FAILED_PRECONDITION (CONFIGURATION)   the helper failed; the message has its words
  //   CANCELLED
  absl::StatusOr<RegistryLogin> Find(absl::string_view registry, const Cancellation& cancellation)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::StatusOr<RegistryLogin> Read(const std::string& registry,
                                     const Cancellation& cancellation) const;
  // What `docker-credential-NAME get` says.
  absl::StatusOr<RegistryLogin> AskHelper(const std::string& name, const std::string& server,
                                          const Cancellation& cancellation) const;
  std::string Variable(absl::string_view name) const;

  const std::map<std::string, std::string> environment_;
  Mutex mutex_;
  std::map<std::string, RegistryLogin> known_ ABSL_GUARDED_BY(mutex_);
};

// The registry that `reference` names: "docker.io" for "nginx:1".
std::string RegistryOf(absl::string_view reference);

// `login` at `registry` as the engine takes it (Docker's AuthConfig).
std::string AuthConfigJson(const RegistryLogin& login, absl::string_view registry);

}  // namespace nopo
