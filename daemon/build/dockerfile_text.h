// What nopo has to know of a Dockerfile before BuildKit reads it: its stages, the images it stands
// on, the arguments it declares.
//
// A reader, not a checker: what it cannot make sense of is left for BuildKit to complain about.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "daemon/build/dockerfile_lexer.h"

namespace nopo {

// A place that names an image or an earlier stage: FROM, COPY --from, RUN --mount=from.
struct ImageUse {
  std::string name;  // Arguments put in; "" when one of them has no value.
  int stage = -1;    // Position of the stage it means; -1 for an image.
  TextSpan span;     // Where the name stands.
};

struct DockerfileStage {
  std::string name;            // Lower case; "" = none.
  std::vector<ImageUse> uses;  // FROM's first.
};

struct Dockerfile {
  std::set<std::string> arguments;  // Declared by ARG, anywhere.
  std::vector<DockerfileStage> stages;

  // `stage` is a name (in any case) or a number; -1 when there is no such stage.
  int FindStage(absl::string_view stage) const;
  // The images that building `stage` ("" = the last) takes, sorted; without `scratch`.
  std::vector<std::string> ImagesOf(absl::string_view stage) const;
};

// `build_args` win over the defaults of the ARGs before the first FROM.
Dockerfile ReadDockerfile(absl::string_view text,
                          const std::map<std::string, std::string>& build_args);

// True for the names under which a Dockerfile means the project's base image: `root` and `base`.
bool MeansBaseImage(absl::string_view image);

// `text` with `tag` wherever it names the base image. Every instruction stays on its line, so
// that BuildKit's messages fit the user's file. `dockerfile` was read from `text`.
std::string ReplaceBase(absl::string_view text, const Dockerfile& dockerfile,
                        absl::string_view tag);

}  // namespace nopo
