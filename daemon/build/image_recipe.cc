#include "daemon/build/image_recipe.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/build/dockerfile_text.h"
#include "daemon/build/generated_dockerfile.h"
#include "daemon/buildkit/ignore_patterns.h"

namespace nopo {
namespace {

// Never part of a generated image: git's folder changes with every commit, and so does `.env`, in
// which nopo keeps GIT_COMMIT; neither may cost a rebuild.
constexpr const char* kNeverCopied[] = {".git", ".env"};

std::optional<std::string> ReadText(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::vector<std::string> RootIgnore(const Project& project) {
  std::vector<std::string> patterns =
      ParseDockerignore(ReadText(project.root / ".dockerignore").value_or(""));
  patterns.insert(patterns.end(), std::begin(kNeverCopied), std::end(kNeverCopied));
  return patterns;
}

std::string Managed(const ImageNames& names, const std::string& key) {
  const auto value = names.managed.find(key);
  return value == names.managed.end() ? "" : value->second;
}

// Says where a generated image comes from, in the terms of the OCI image specification.
std::map<std::string, std::string> OciLabels(const std::string& title, const ImageNames& names) {
  std::map<std::string, std::string> labels = {{"title", title},
                                               {"version", names.version},
                                               {"source", Managed(names, "GIT_REPO")},
                                               {"revision", Managed(names, "GIT_COMMIT")}};
  std::map<std::string, std::string> result;
  for (auto& [name, value] : labels) {
    if (value.empty() || value == "unknown") continue;
    result[absl::StrCat("org.opencontainers.image.", name)] = std::move(value);
  }
  return result;
}

// A Dockerfile of the project's own, and what goes into it.
struct OwnDockerfile {
  std::filesystem::path file;
  BuildArguments common, given;
  StageRequest requested;
  std::string configured_stage;  // build.target
};

std::string ChooseStage(const OwnDockerfile& own, const Dockerfile& dockerfile,
                        const ImageNames& names) {
  const bool has_requested = dockerfile.FindStage(own.requested.name) >= 0;
  if (own.requested.is_binding || has_requested) return own.requested.name;
  if (!own.configured_stage.empty()) return own.configured_stage;
  const std::string by_version = Managed(names, "DOCKER_TARGET");
  return dockerfile.FindStage(by_version) >= 0 ? by_version : "";
}

void ReadIgnore(const std::filesystem::path& dockerfile, ImageBuild& build) {
  std::optional<std::string> text = ReadText(dockerfile.string() + ".dockerignore");
  build.ignore_from_dockerfile = text.has_value();
  if (!text.has_value()) text = ReadText(build.context_dir / ".dockerignore");
  build.ignore = ParseDockerignore(text.value_or(""));
}

// Fills in what the Dockerfile decides; target, tag and context are set.
absl::Status ReadOwn(const Project& project, const OwnDockerfile& own, const ImageNames& names,
                     ImageBuild& build) {
  build.dockerfile_name = own.file.lexically_relative(project.root).string();
  const std::optional<std::string> text = ReadText(own.file);
  if (!text.has_value()) {
    return MakeError(absl::StatusCode::kNotFound, Reason::kConfiguration,
                     absl::StrCat(build.dockerfile_name, ": the Dockerfile of ", build.target,
                                  " cannot be read"));
  }
  BuildArguments everything = own.common;
  for (const auto& [name, value] : own.given) everything[name] = value;
  const Dockerfile dockerfile = ReadDockerfile(*text, everything);
  build.dockerfile_text = ReplaceBase(*text, dockerfile, names.base);
  build.stage = ChooseStage(own, dockerfile, names);
  build.build_args = SelectArguments(dockerfile.arguments, own.common, own.given);
  for (const std::string& image : dockerfile.ImagesOf(build.stage)) {
    build.base_images.push_back(MeansBaseImage(image) ? names.base : image);
  }
  ReadIgnore(own.file, build);
  return absl::OkStatus();
}

std::filesystem::path ContextOf(const Project& project, const Target& service) {
  if (!service.build.has_value() || !service.build->context.has_value()) return service.dir;
  if (*service.build->context == "root") return project.root;
  std::filesystem::path context = (service.dir / *service.build->context).lexically_normal();
  return context.has_filename() ? context : context.parent_path();
}

absl::Status CheckBaseImage(const Project& project) {
  if (!project.os.image.empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                   absl::StrCat(project.os.image_key.Prefix(),
                                "found no base image; expected an image like 'node:22-slim', or "
                                "nopo/docker/Dockerfile to build it from"));
}

}  // namespace

absl::StatusOr<ImageBuild> BaseImageBuild(const Project& project, const ImageNames& names,
                                          const BuildArguments& given, const StageRequest& stage) {
  ImageBuild build{.target = project.root_name, .tag = names.base, .context_dir = project.root};
  BuildArguments common = CommonArguments(project, project.root_name, names);
  common.merge(BaseImageArguments(project.os));
  if (!project.os.dockerfile.empty()) {
    const OwnDockerfile own{project.os.dockerfile, std::move(common), given, stage, ""};
    NOPO_RETURN_IF_ERROR(ReadOwn(project, own, names, build));
    return build;
  }
  NOPO_RETURN_IF_ERROR(CheckBaseImage(project));
  build.dockerfile_name = absl::StrCat(project.root_name, ".generated.Dockerfile");
  build.dockerfile_text = BaseDockerfile(project.os);
  build.ignore = {"**"};  // It copies nothing, so no file of the project can change it.
  build.ignore_from_dockerfile = true;
  build.build_args = SelectArguments({}, {}, given);
  build.labels = OciLabels(project.name, names);
  build.base_images = {project.os.image};
  return build;
}

absl::StatusOr<ImageBuild> ServiceImageBuild(const Project& project, const Target& service,
                                             const ImageNames& names, const BuildArguments& given,
                                             const StageRequest& stage) {
  const auto tag = names.targets.find(service.id);
  if (tag == names.targets.end()) {
    return absl::InternalError(absl::StrCat(service.id, " is built but has no image name"));
  }
  ImageBuild build{.target = service.id, .tag = tag->second};
  BuildArguments wanted =
      service.build.has_value() ? BuildArguments(service.build->args) : BuildArguments();
  for (const auto& [name, value] : given) wanted[name] = value;
  if (!service.dockerfile.empty()) {
    build.context_dir = ContextOf(project, service);
    if (build.context_dir != project.root) {
      build.context_name = build.context_dir.lexically_relative(project.root).string();
    }
    const OwnDockerfile own{service.dockerfile, CommonArguments(project, service.id, names),
                            std::move(wanted), stage,
                            service.build.has_value() ? service.build->target : ""};
    if (service.build.has_value()) {
      build.secrets = service.build->secrets;
      build.ssh_agents = service.build->ssh_agents;
    }
    NOPO_RETURN_IF_ERROR(ReadOwn(project, own, names, build));
    return build;
  }
  build.context_dir = project.root;
  build.dockerfile_name = absl::StrCat(service.id, ".generated.Dockerfile");
  NOPO_ASSIGN_OR_RETURN(build.dockerfile_text, ServiceDockerfile(project, service, names.base));
  build.ignore = RootIgnore(project);
  build.ignore_from_dockerfile = true;
  build.build_args = SelectArguments({}, {}, wanted);
  build.labels = OciLabels(service.name, names);
  build.base_images = {names.base};
  return build;
}

}  // namespace nopo
