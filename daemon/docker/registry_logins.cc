#include "daemon/docker/registry_logins.h"

#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/program.h"
#include "common/status_macros.h"
#include "daemon/docker/docker_config.h"
#include "daemon/docker/json_fields.h"

namespace nopo {
namespace {

constexpr absl::string_view kDockerHub = "docker.io";
// The name under which Docker's client files the login at Docker Hub.
constexpr char kDockerHubServer[] = "https://index.docker.io/v1/";
// The user name by which a helper says that the secret is an identity token.
constexpr char kTokenUser[] = "<token>";
// What helpers print, on standard output, when they hold no login: no failure.
constexpr absl::string_view kNotFound = "credentials not found in native keychain";

std::string HostOf(absl::string_view server) {
  if (!absl::ConsumePrefix(&server, "https://")) absl::ConsumePrefix(&server, "http://");
  return std::string(server.substr(0, server.find('/')));
}

// One name for all that a registry is called.
std::string CanonicalHost(absl::string_view server) {
  const std::string host = HostOf(server);
  const bool is_hub = host == "index.docker.io" || host == "registry-1.docker.io";
  return is_hub ? std::string(kDockerHub) : host;
}

absl::Status ConfigurationError(absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration, message);
}

// The member of `entries` that is about `registry`, under whatever name; null when there is none.
const boost::json::value* FindRegistry(const boost::json::object& entries,
                                       const std::string& registry, absl::string_view server) {
  if (const auto* exact = entries.if_contains({server.data(), server.size()})) return exact;
  for (const auto& [name, value] : entries) {
    if (CanonicalHost(View(name)) == registry) return &value;
  }
  return nullptr;
}

absl::StatusOr<RegistryLogin> LoginFromEntry(const boost::json::value& entry) {
  RegistryLogin login{.username = TextAt(entry, {"username"}),
                      .password = TextAt(entry, {"password"}),
                      .identity_token = TextAt(entry, {"identitytoken"}),
                      .registry_token = TextAt(entry, {"registrytoken"})};
  const std::string packed = TextAt(entry, {"auth"});
  if (packed.empty()) return login;
  std::string pair;
  const size_t colon = absl::Base64Unescape(packed, &pair) ? pair.find(':') : std::string::npos;
  if (colon == std::string::npos) return ConfigurationError("its `auth` is garbled");
  login.username = pair.substr(0, colon);
  login.password = pair.substr(colon + 1);
  // Docker's client pads some of them.
  while (!login.password.empty() && login.password.back() == '\0') login.password.pop_back();
  return login;
}

}  // namespace

RegistryLogins::RegistryLogins(std::map<std::string, std::string> environment)
    : environment_(std::move(environment)) {}

absl::StatusOr<RegistryLogin> RegistryLogins::Find(absl::string_view registry,
                                                   const Cancellation& cancellation) {
  const std::string host = CanonicalHost(registry);
  {
    MutexLock lock(mutex_);
    if (const auto found = known_.find(host); found != known_.end()) return found->second;
  }
  NOPO_ASSIGN_OR_RETURN(RegistryLogin login, Read(host, cancellation));
  MutexLock lock(mutex_);
  known_[host] = login;
  return login;
}

absl::StatusOr<RegistryLogin> RegistryLogins::Read(const std::string& registry,
                                                   const Cancellation& cancellation) const {
  const std::filesystem::path folder =
      DockerConfigFolder([this](absl::string_view name) { return Variable(name); });
  if (folder.empty()) return RegistryLogin();
  const std::filesystem::path file = folder / "config.json";
  NOPO_ASSIGN_OR_RETURN(const auto config, ReadDockerConfigFile(file));
  if (!config.has_value()) return RegistryLogin();
  const std::string server = registry == kDockerHub ? kDockerHubServer : registry;
  std::string helper = TextAt(*config, {"credsStore"});
  const boost::json::object& helpers = Members(FieldAt(*config, {"credHelpers"}));
  if (const auto* own = FindRegistry(helpers, registry, server)) helper = TextAt(*own, {});
  const std::string where = absl::StrCat(file.string(), ": login at ", registry, ": ");
  if (!helper.empty()) {
    absl::StatusOr<RegistryLogin> login = AskHelper(helper, server, cancellation);
    if (!login.ok() && !absl::IsCancelled(login.status())) {
      return WithPrefix(login.status(), where);
    }
    return login;
  }
  const auto* entry = FindRegistry(Members(FieldAt(*config, {"auths"})), registry, server);
  if (entry == nullptr) return RegistryLogin();
  absl::StatusOr<RegistryLogin> login = LoginFromEntry(*entry);
  if (!login.ok()) return WithPrefix(login.status(), where);
  return login;
}

absl::StatusOr<RegistryLogin> RegistryLogins::AskHelper(const std::string& name,
                                                        const std::string& server,
                                                        const Cancellation& cancellation) const {
  const std::string program = absl::StrCat("docker-credential-", name);
  const std::string path = FindProgram(program, Variable("PATH"));
  if (path.empty()) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
        absl::StrCat("there is no credential helper ", program, " on PATH"),
        {"Install it, or take the helper out of Docker's configuration and log in again."});
  }
  ProgramCall call{.arguments = {path, "get"}, .input = server};
  for (const auto& [key, value] : environment_) {
    call.environment.push_back(absl::StrCat(key, "=", value));
  }
  NOPO_ASSIGN_OR_RETURN(const ProgramOutcome outcome, RunProgram(call, cancellation));
  if (outcome.exit_code != 0) {
    if (absl::StrContains(outcome.out, kNotFound)) return RegistryLogin();
    const absl::string_view words = absl::StripAsciiWhitespace(
        absl::StripAsciiWhitespace(outcome.out).empty() ? outcome.err : outcome.out);
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kConfiguration,
                     absl::StrCat(program, " failed: ", words));
  }
  const absl::StatusOr<boost::json::value> answer = ParseJson(outcome.out);
  if (!answer.ok()) return ConfigurationError(absl::StrCat(program, " did not answer in JSON"));
  RegistryLogin login{.username = TextAt(*answer, {"Username"}),
                      .password = TextAt(*answer, {"Secret"})};
  if (login.username == kTokenUser) {
    login = RegistryLogin{.identity_token = std::move(login.password)};
  }
  return login;
}

std::string RegistryLogins::Variable(absl::string_view name) const {
  const auto found = environment_.find(std::string(name));
  return found == environment_.end() ? "" : found->second;
}

std::string RegistryOf(absl::string_view reference) {
  const size_t slash = reference.find('/');
  if (slash == absl::string_view::npos) return std::string(kDockerHub);
  const absl::string_view first = reference.substr(0, slash);
  const bool is_registry =
      first == "localhost" || absl::StrContains(first, ".") || absl::StrContains(first, ":");
  return is_registry ? CanonicalHost(first) : std::string(kDockerHub);
}

std::string AuthConfigJson(const RegistryLogin& login, absl::string_view registry) {
  const std::string server = registry == kDockerHub ? kDockerHubServer : std::string(registry);
  boost::json::object json;
  const std::array<std::pair<const char*, const std::string*>, 4> fields = {
      {{"username", &login.username},
       {"password", &login.password},
       {"identitytoken", &login.identity_token},
       {"registrytoken", &login.registry_token}}};
  for (const auto& [name, value] : fields) {
    if (!value->empty()) json[name] = *value;
  }
  if (!json.empty()) json["serveraddress"] = server;
  return boost::json::serialize(json);
}

}  // namespace nopo
