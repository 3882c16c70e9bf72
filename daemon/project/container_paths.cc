#include "daemon/project/container_paths.h"

#include <filesystem>

namespace nopo {
namespace {

std::string InContainer(const std::string& path) {
  const auto normal = (std::filesystem::path(kProjectInContainer) / path).lexically_normal();
  return normal.has_filename() ? normal.string() : normal.parent_path().string();
}

}  // namespace

std::string ConfiguredDirectory(const Target& service) {
  if (!service.compose.working_dir.empty()) return service.compose.working_dir;
  const std::string& directory = service.infrastructure.directory;
  return directory.empty() ? "" : InContainer(directory);
}

std::string KnownDirectory(const Project& project, const Target& service) {
  std::string configured = ConfiguredDirectory(service);
  if (!configured.empty() || !service.image.empty() || !service.dockerfile.empty()) {
    return configured;
  }
  if (!service.build.has_value() || service.build->command.empty()) {
    // It runs on the base image.
    return project.os.dockerfile.empty() ? kProjectInContainer : "";
  }
  const std::string& working_dir = service.build->working_dir;
  return InContainer(working_dir.empty() ? service.path : working_dir);
}

}  // namespace nopo
