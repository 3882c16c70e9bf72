// What a build is made from, as named values: to tell what differs from the build before.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

enum class InputKind {
  kDockerfile,  // Name: the file's; value: a hash.
  kIgnoreRules,
  kStage,     // Value: the stage's name; the name is empty, as for all that is there once.
  kPlatform,  // Value: "linux/amd64".
  kArgument,  // Value: a hash, since arguments may be secrets.
  kLabel,
  kBaseImage,  // Value: an image id, "" where the engine has none.
  kSetting,    // Value: what distinguishes builds of other releases or options.
  kFile,       // Name: from the project's root; value: what a stat says.
};

class BuildInputs {
 public:
  // Each (kind, name) once.
  void Add(InputKind kind, std::string name, std::string value);

  // A line for each, for keeping; FromText reads it, skipping what it does not know.
  std::string ToText() const;
  static BuildInputs FromText(absl::string_view text);

  // What distinguishes `now` from this, for people: "apps/web/src/a.ts changed", "base image
  // shop:local is now sha256:0123456789ab"; of many files the first by name, and how many more.
  // "" when nothing does.
  std::string FirstDifference(const BuildInputs& now) const;

 private:
  using Values = std::map<std::string, std::string>;  // By name.

  std::map<InputKind, Values> values_;
};

}  // namespace nopo
