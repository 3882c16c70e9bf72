// Variables by which a user steers nopo without options: DOCKER_PUSH, DOCKER_BUILDKIT_CACHE ...
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "daemon/project/project.h"

namespace nopo {

// The caller's environment over the project's `.env`. An empty value is an unset one.
class Settings {
 public:
  Settings(const EnvironmentMap& environment, const EnvironmentMap& dotenv);

  // "" when unset.
  std::string Find(absl::string_view name) const;
  // Set, and neither "0" nor "false" nor "no".
  bool IsOn(absl::string_view name) const;

 private:
  EnvironmentMap values_;
};

}  // namespace nopo
