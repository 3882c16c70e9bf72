#include "daemon/project/environment_levels.h"

#include "absl/strings/str_cat.h"

namespace nopo {
namespace {

std::optional<std::string> Find(const EnvironmentMap& variables, const std::string& name) {
  const auto it = variables.find(name);
  if (it == variables.end() || it->second.empty()) return std::nullopt;
  return it->second;
}

}  // namespace

std::optional<std::string> EnvironmentLevels::Get(Place place, const std::string& name) const {
  switch (place) {
    case Place::kProcess:
      return Find(process_, name);
    case Place::kUser:
      return Find(dotenv_.user, name);
    case Place::kBlock:
      return forget_ ? std::nullopt : Find(dotenv_.block, name);
    case Place::kComputed:
      break;
  }
  return std::nullopt;
}

std::string EnvironmentLevels::Describe(Place place, const std::string& name) const {
  if (place == Place::kProcess) return "the environment";
  if (place == Place::kComputed) return "computed";
  const int line = dotenv_.LineOf(name, place == Place::kBlock);
  return absl::StrCat(place == Place::kBlock ? "nopo's block, " : "", dotenv_.file,
                      line > 0 ? absl::StrCat(":", line) : "");
}

}  // namespace nopo
