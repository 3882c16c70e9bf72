#include "daemon/commands/task_directory.h"

#include <filesystem>

#include "daemon/project/container_paths.h"

namespace nopo {
namespace {

constexpr char kProjectRoot[] = "root";  // The word for it in `dir`.

bool IsAbsolute(const std::string& dir) { return !dir.empty() && dir.front() == '/'; }

std::string Normal(const std::filesystem::path& path) {
  std::string text = path.lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

// `dir` of a target that lives in `target_dir` of a project at `root`.
std::string Resolve(const std::filesystem::path& root, const std::filesystem::path& target_dir,
                    const std::string& dir) {
  if (dir.empty()) return Normal(target_dir);
  if (dir == kProjectRoot) return Normal(root);
  return Normal(target_dir / dir);
}

}  // namespace

std::string HostDirectory(const Project& project, const Target& target, const std::string& dir) {
  return Resolve(project.root, target.dir, dir);
}

bool ContainerSeesProject(const Target& target, const std::string& dir) {
  return target.kind != TargetKind::kService || (!dir.empty() && !IsAbsolute(dir));
}

std::string ContainerDirectory(const Project& project, const Target& target,
                               const std::string& dir) {
  if (IsAbsolute(dir)) return Normal(dir);
  if (!ContainerSeesProject(target, dir)) return KnownDirectory(project, target);
  const std::filesystem::path root = kProjectInContainer;
  return Resolve(root, root / target.path, dir);
}

}  // namespace nopo
