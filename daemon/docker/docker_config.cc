#include "daemon/docker/docker_config.h"

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "daemon/docker/json_fields.h"

namespace nopo {

std::filesystem::path DockerConfigFolder(const EnvironmentReader& environment) {
  if (const std::string folder = environment("DOCKER_CONFIG"); !folder.empty()) return folder;
  const std::string home = environment("HOME");
  return home.empty() ? std::filesystem::path() : std::filesystem::path(home) / ".docker";
}

absl::StatusOr<std::optional<boost::json::value>> ReadDockerConfigFile(
    const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  absl::StatusOr<boost::json::value> json = ParseJson(text);
  if (json.ok()) return *std::move(json);
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                   absl::StrCat(path.string(), ": is not valid JSON"));
}

}  // namespace nopo
