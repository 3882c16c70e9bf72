#include "daemon/operations/settings.h"

#include "absl/strings/match.h"
#include "common/status_macros.h"
#include "daemon/project/image_names.h"

namespace nopo {

absl::StatusOr<Settings> Settings::Read(const Project& project, const Caller& caller) {
  Settings settings;
  NOPO_ASSIGN_OR_RETURN(settings.values_, ReadDotenv(project, caller.environment));
  for (const auto& [name, value] : caller.environment) {
    if (!value.empty()) settings.values_[name] = value;
  }
  return settings;
}

std::string Settings::Find(absl::string_view name) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? "" : found->second;
}

bool Settings::IsOn(absl::string_view name) const {
  const std::string value = Find(name);
  for (const char* off : {"", "0", "false", "no"}) {
    if (absl::EqualsIgnoreCase(value, off)) return false;
  }
  return true;
}

}  // namespace nopo
