#include "daemon/build/input_files.h"

#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/build/package_skip.h"

namespace nopo {
namespace {

std::vector<std::filesystem::path> AllOutputs(const std::map<std::string, BuildTask>& builds) {
  std::vector<std::filesystem::path> outputs;
  for (const auto& [task, build] : builds) {
    const auto* package = std::get_if<PackageBuild>(&build);
    if (package == nullptr) continue;
    outputs.insert(outputs.end(), package->outputs.begin(), package->outputs.end());
  }
  return outputs;
}

void AddFilesOf(const Project& project, const ImageBuild& build,
                std::set<std::filesystem::path>& files) {
  // Of a generated Dockerfile there is no file, and none of that name matters.
  const std::filesystem::path dockerfile = project.root / build.dockerfile_name;
  files.insert(dockerfile);
  files.insert(dockerfile.string() + ".dockerignore");
  files.insert(build.context_dir / ".dockerignore");
}

}  // namespace

InputFiles InputFilesOf(const Project& project, const std::map<std::string, BuildTask>& builds,
                        const std::filesystem::path& dotenv_file) {
  std::vector<std::filesystem::path> made = AllOutputs(builds);
  made.push_back(dotenv_file);
  InputFiles inputs;
  for (const auto& [task, build] : builds) {
    InputTree tree;
    if (const auto* image = std::get_if<ImageBuild>(&build)) {
      tree = {.root = image->context_dir, .ignore = image->ignore};
      AddFilesOf(project, *image, inputs.files);
    } else {
      tree = {.root = std::get<PackageBuild>(build).package_dir, .ignore = {"**/node_modules"}};
    }
    tree.ignore.emplace_back("**/.git");
    for (std::string& pattern : OutputsBelow(tree.root, made)) {
      tree.ignore.push_back(std::move(pattern));
    }
    inputs.trees.insert(std::move(tree));
  }
  return inputs;
}

bool IsEditorScratch(absl::string_view name) {
  const bool is_hidden = absl::StartsWith(name, ".");
  for (const absl::string_view end : {".swp", ".swo", ".swx", ".kate-swp"}) {
    if (is_hidden && absl::EndsWith(name, end)) return true;
  }
  // Vim tries with 4913 whether it may make files.
  return name == "4913" || absl::EndsWith(name, "~") || absl::StartsWith(name, ".#") ||
         (name.size() > 1 && absl::StartsWith(name, "#") && absl::EndsWith(name, "#")) ||
         absl::EndsWith(name, "___jb_tmp___") || absl::EndsWith(name, "___jb_old___");
}

}  // namespace nopo
