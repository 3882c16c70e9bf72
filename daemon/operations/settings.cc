#include "daemon/operations/settings.h"

#include "absl/strings/match.h"

namespace nopo {

Settings::Settings(const EnvironmentMap& environment, const EnvironmentMap& dotenv)
    : values_(dotenv) {
  for (const auto& [name, value] : environment) {
    if (!value.empty()) values_[name] = value;
  }
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
