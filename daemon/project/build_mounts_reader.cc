#include "daemon/project/build_mounts_reader.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"

namespace nopo {
namespace {

constexpr char kSecretExpected[] =
    "a secret: {id, src} with a file, or {id, environment} with a variable's name";

// "~/x" stays: whose home that is the caller decides.
std::filesystem::path PathBelow(const std::filesystem::path& dir, const std::string& text) {
  if (absl::StartsWith(text, "~/")) return text;
  return (dir / text).lexically_normal();
}

std::optional<BuildSecret> ReadSecret(const ConfigValue& value, const std::filesystem::path& dir) {
  if (!value.IsMap()) {
    const std::optional<std::string> name = value.NonEmptyText(kSecretExpected);
    if (!name.has_value()) return std::nullopt;
    return BuildSecret{.id = *name, .variable = *name};
  }
  ConfigMap map(value);
  std::string source, file;
  BuildSecret secret;
  map.Read("id", secret.id);
  map.Read("src", source);
  map.Read("file", file);
  map.Read("environment", secret.variable);
  map.WarnOfUnknownKeys();
  const int places = !source.empty() + !file.empty() + !secret.variable.empty();
  if (secret.id.empty() || places != 1) {
    value.Reject(kSecretExpected);
    return std::nullopt;
  }
  if (secret.variable.empty()) secret.file = PathBelow(dir, source + file);
  return secret;
}

// `ids` are those of `mounts`.
template <typename Mount>
void AddUnlessTwice(const ConfigValue& value, Mount mount, std::set<std::string>& ids,
                    std::vector<Mount>& mounts) {
  if (!ids.insert(mount.id).second) return value.Reject("ids that differ");
  mounts.push_back(std::move(mount));
}

}  // namespace

std::vector<BuildSecret> ReadBuildSecrets(const ConfigValue& value,
                                          const std::filesystem::path& dir) {
  std::vector<BuildSecret> secrets;
  std::set<std::string> ids;
  if (!value.IsList()) {
    value.Reject("a list of secrets");
    return secrets;
  }
  for (const ConfigValue& item : value.Items()) {
    std::optional<BuildSecret> secret = ReadSecret(item, dir);
    if (secret.has_value()) AddUnlessTwice(item, *std::move(secret), ids, secrets);
  }
  return secrets;
}

std::vector<BuildSshAgent> ReadBuildSshAgents(const ConfigValue& value,
                                              const std::filesystem::path& dir) {
  std::vector<BuildSshAgent> agents;
  std::set<std::string> ids;
  if (!value.IsList()) {
    value.Reject("a list of 'default' or 'ID=SOCKET'");
    return agents;
  }
  for (const ConfigValue& item : value.Items()) {
    const std::optional<std::string> text = item.NonEmptyText("'default' or 'ID=SOCKET'");
    if (!text.has_value()) continue;
    const size_t equals = text->find('=');
    BuildSshAgent agent{.id = text->substr(0, equals)};
    if (equals != std::string::npos) agent.socket = PathBelow(dir, text->substr(equals + 1));
    const bool is_good = !agent.id.empty() && (!agent.socket.empty() || agent.id == "default");
    if (is_good) {
      AddUnlessTwice(item, std::move(agent), ids, agents);
    } else {
      item.Reject("'default' or 'ID=SOCKET'");
    }
  }
  return agents;
}

}  // namespace nopo
