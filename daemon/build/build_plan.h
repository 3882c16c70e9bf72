// Which images and packages a request builds, from what, in which order. Pure: reads Dockerfiles,
// asks nobody and changes nothing.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/graph/plan.h"
#include "daemon/project/image_names.h"
#include "daemon/project/project.h"

namespace nopo {

// An image to be built by BuildKit.
struct ImageBuild {
  std::string target;  // Target id; root_name for the base image.
  std::string tag;
  std::filesystem::path context_dir;
  std::string context_name;     // For messages: relative to the root, "" for that itself.
  std::string dockerfile_name;  // For messages: relative to the root.
  std::string dockerfile_text;  // Complete: generated, or the file with FROM root|base replaced.
  // What of the context is not sent; see buildkit/ignore_patterns.h.
  std::vector<std::string> ignore;
  bool ignore_from_dockerfile = false;  // They stand beside the Dockerfile, not in the context.
  std::string stage;                    // "" = the last.
  // Those that the Dockerfile declares or BuildKit knows without (HTTP_PROXY and the like).
  std::map<std::string, std::string> build_args;
  std::map<std::string, std::string> labels;
  // What its RUN instructions may mount; see Target::build.
  std::vector<BuildSecret> secrets;
  std::vector<BuildSshAgent> ssh_agents;
  // What FROM, COPY --from and RUN --mount=from name for the wanted stage; other stages left out.
  std::vector<std::string> base_images;
};

// A package's build.command, run on the host.
struct PackageBuild {
  std::string target;
  std::string command;
  std::filesystem::path dir;          // Absolute working directory.
  ConfigKey dir_key;                  // Where nopo.yml says so, if it does.
  EnvironmentMap env;                 // The package's own.
  std::filesystem::path package_dir;  // Its inputs: everything in it but the outputs.
  // Absolute, may hold wildcards; empty = not known: always run.
  std::vector<std::filesystem::path> outputs;
};

using BuildTask = std::variant<ImageBuild, PackageBuild>;

struct BuildPlan {
  std::vector<Task> tasks;                  // "web:build"; ready for Plan::Create.
  std::map<std::string, BuildTask> builds;  // By task name.
  // By task name: commands that build.depends_on wants run before it, other than builds. They are
  // no tasks of this plan: whoever runs it adds them and the edges.
  std::map<std::string, std::vector<Dependency>> prior_commands;
};

struct BuildPlanOptions {
  std::string target_stage;                       // --target
  std::map<std::string, std::string> build_args;  // --build-arg
  bool explicit_targets = false;                  // The user named them.
  // Targets that are built as well, and why ("web:test needs it"): by id.
  std::map<std::string, std::string> needed;
};

// The builds of `targets` and of everything they are built from (dependencies, build.depends_on,
// the base image where something stands on it). The root among `targets` means the base image.
// `image:` targets need nothing. A target without a build of its own stands for those it depends
// on.
//
// `target_stage` is for the named targets; where targets are not named, and for what named ones are
// built from, it counts only in Dockerfiles that have such a stage.
//
// Errors: FAILED_PRECONDITION for a cycle (reason CONFIGURATION); INVALID_ARGUMENT
// (BAD_ARGUMENTS) for a named package without build.command; NOT_FOUND (CONFIGURATION) for a
// Dockerfile that cannot be read; INVALID_ARGUMENT (CONFIGURATION) for what no Dockerfile can be
// generated from.
absl::StatusOr<BuildPlan> PlanBuild(const Project& project,
                                    const std::vector<const Target*>& targets,
                                    const ImageNames& names, const BuildPlanOptions& options);

// The order of PlanBuild without reading Dockerfiles: who stands on the base image is not known,
// and of `builds` only the names mean something.
//
// Errors: as PlanBuild for a cycle.
absl::StatusOr<BuildPlan> OutlineBuild(const Project& project,
                                       const std::vector<const Target*>& targets);

}  // namespace nopo
