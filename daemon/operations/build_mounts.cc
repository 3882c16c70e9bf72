#include "daemon/operations/build_mounts.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

constexpr size_t kLargestSecret = 500 * 1024;

absl::Status BadMount(const ImageBuild& build, absl::string_view what, absl::string_view id,
                      absl::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                   absl::StrCat(what, " ", id, " of ", build.target, ": ", problem));
}

std::filesystem::path Expanded(const std::string& path, const Settings& settings) {
  const std::string home = settings.Find("HOME");
  if (!absl::StartsWith(path, "~/") || home.empty()) return path;
  return std::filesystem::path(home) / path.substr(2);
}

absl::StatusOr<std::string> ReadSecretFile(const ImageBuild& build, const BuildSecret& secret,
                                           const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  if (!file || !std::filesystem::is_regular_file(path, error)) {
    return BadMount(build, "build.secrets", secret.id, absl::StrCat("cannot read ", path.string()));
  }
  std::string value(std::istreambuf_iterator<char>(file), {});
  if (value.size() <= kLargestSecret) return value;
  return BadMount(build, "build.secrets", secret.id,
                  absl::StrCat(path.string(), " is larger than 500 KB"));
}

}  // namespace

absl::Status ReadBuildMounts(const ImageBuild& build, const Settings& settings,
                             ImageBuildOptions& options) {
  for (const BuildSecret& secret : build.secrets) {
    if (!secret.variable.empty()) {
      const std::string value = settings.Find(secret.variable);
      if (!value.empty()) options.secrets[secret.id] = value;
      continue;
    }
    NOPO_ASSIGN_OR_RETURN(options.secrets[secret.id],
                          ReadSecretFile(build, secret, Expanded(secret.file.string(), settings)));
  }
  for (const BuildSshAgent& agent : build.ssh_agents) {
    const std::string socket = agent.socket.empty() ? settings.Find("SSH_AUTH_SOCK") : agent.socket;
    if (socket.empty()) {
      return BadMount(build, "build.ssh", agent.id, "no agent runs: SSH_AUTH_SOCK is not set");
    }
    const std::filesystem::path path = Expanded(socket, settings);
    std::error_code error;
    if (!std::filesystem::is_socket(path, error)) {
      return BadMount(build, "build.ssh", agent.id,
                      absl::StrCat(path.string(), " is no agent's socket"));
    }
    options.ssh_agents[agent.id] = path.string();
  }
  return absl::OkStatus();
}

}  // namespace nopo
