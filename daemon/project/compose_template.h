// `compose:` of a target whose values refer to variables. Those are the caller's, so the project
// keeps the block as it is written, and each request puts its own into it.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/project/config_value.h"
#include "daemon/project/interpolation.h"
#include "daemon/project/project.h"
#include "daemon/project/yaml_document.h"

namespace nopo {

// Immutable, and independent of the document that it was read from.
class ComposeTemplate {
 public:
  // Null when no value of `compose` has a "$". Paths are relative to `dir`.
  static std::shared_ptr<const ComposeTemplate> Of(const ConfigValue& compose,
                                                   const std::filesystem::path& dir);

  // The attributes without a "$" in them, whose mistakes go to `diagnostics`.
  ComposeAttributes ReadFixed(Diagnostics& diagnostics) const;

  // All attributes. Errors: CONFIGURATION, with place and key of each mistake.
  absl::StatusOr<ComposeAttributes> Resolve(const VariableLookup& variables) const;

 private:
  ComposeTemplate(const ConfigValue& compose, const std::filesystem::path& dir);

  const std::string file_;
  const std::filesystem::path dir_;
  std::deque<YamlNode> nodes_;  // A deque: its elements stay where they are.
  YamlNode root_;               // With `compose` as its one entry.
};

// `target` with the variables of the caller, else of `dotenv`, in its `compose`.
//
// Errors: as Resolve.
absl::StatusOr<Target> WithVariables(const Target& target, const EnvironmentMap& environment,
                                     const EnvironmentMap& dotenv);

}  // namespace nopo
