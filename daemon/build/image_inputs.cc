#include "daemon/build/image_inputs.h"

#include "absl/strings/str_cat.h"
#include "common/fingerprint.h"

namespace nopo {
namespace {

bool ComesFromGit(const std::string& label) {
  return label == "org.opencontainers.image.revision" || label == "org.opencontainers.image.source";
}

// What makes a file another one; see TreeDigest.
std::string StateOf(const TreeEntry& entry) {
  if (entry.IsDirectory()) return absl::StrCat(entry.mode);
  return absl::StrCat(entry.mode, " ", entry.size, " ", entry.modified_ns, " ", entry.changed_ns,
                      " ", entry.inode, entry.link.empty() ? "" : " -> ", entry.link);
}

}  // namespace

std::map<std::string, std::string> LabelsThatCount(const ImageBuild& build) {
  std::map<std::string, std::string> labels = build.labels;
  std::erase_if(labels, [](const auto& label) { return ComesFromGit(label.first); });
  return labels;
}

BuildInputs DescribeInputs(const ImageBuild& build,
                           const std::map<std::string, std::string>& base_ids,
                           const std::vector<std::string>& options, const FileTree& context) {
  BuildInputs inputs;
  inputs.Add(InputKind::kDockerfile, build.dockerfile_name,
             Fingerprint().Add(build.dockerfile_text).Hex());
  inputs.Add(InputKind::kIgnoreRules, "", Fingerprint().Add(build.ignore).Hex());
  inputs.Add(InputKind::kStage, "", build.stage);
  for (const auto& [name, value] : build.build_args) {
    inputs.Add(InputKind::kArgument, name, Fingerprint().Add(value).Hex());
  }
  for (const auto& [name, value] : LabelsThatCount(build)) {
    inputs.Add(InputKind::kLabel, name, value);
  }
  for (const auto& [name, id] : base_ids) inputs.Add(InputKind::kBaseImage, name, id);
  for (const std::string& option : options) inputs.Add(InputKind::kSetting, option, "");
  const std::string prefix =
      build.context_name.empty() ? "" : absl::StrCat(build.context_name, "/");
  for (const TreeEntry& entry : context.entries) {
    inputs.Add(InputKind::kFile, absl::StrCat(prefix, entry.path), StateOf(entry));
  }
  return inputs;
}

}  // namespace nopo
