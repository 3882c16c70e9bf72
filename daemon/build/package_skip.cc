#include "daemon/build/package_skip.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/status_macros.h"
#include "daemon/build/tree_fingerprint.h"
#include "daemon/buildkit/ignore_patterns.h"

namespace nopo {
namespace {

constexpr char kFormat[] = "package 1";  // Changes when what is hashed does.

bool IsPattern(const std::filesystem::path& path) {
  return path.string().find_first_of("*?[") != std::string::npos;
}

// `path` from `dir`, or "" when it lies elsewhere.
std::string PathBelow(const std::filesystem::path& dir, const std::filesystem::path& path) {
  const std::filesystem::path relative = path.lexically_relative(dir);
  if (relative.empty() || *relative.begin() == "..") return "";
  return (relative / "").parent_path().string();  // Without a slash at its end.
}

// What is in the package's directory but not among its outputs.
absl::StatusOr<TreeFingerprint> FingerprintInputs(const PackageBuild& build) {
  NOPO_ASSIGN_OR_RETURN(const IgnorePatterns ignore,
                        IgnorePatterns::Create(OutputsBelow(build.package_dir, build.outputs)));
  return FingerprintTree(build.package_dir, ignore);
}

absl::StatusOr<TreeFingerprint> FingerprintOutput(const std::filesystem::path& output) {
  if (!IsPattern(output)) return FingerprintTree(output, IgnorePatterns());
  std::filesystem::path dir = output.parent_path();
  while (IsPattern(dir)) dir = dir.parent_path();
  // Everything is ignored but what the pattern matches.
  NOPO_ASSIGN_OR_RETURN(
      const IgnorePatterns ignore,
      IgnorePatterns::Create({"**", absl::StrCat("!", output.lexically_relative(dir).string())}));
  absl::StatusOr<TreeFingerprint> tree = FingerprintTree(dir, ignore);
  if (tree.ok() && tree->entries == 0) return absl::NotFoundError("nothing matches");
  return tree;
}

absl::StatusOr<std::string> FingerprintOutputs(const PackageBuild& build) {
  Fingerprint fingerprint;
  for (const std::filesystem::path& output : build.outputs) {
    const absl::StatusOr<TreeFingerprint> tree = FingerprintOutput(output);
    if (absl::IsNotFound(tree.status())) {
      return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kBuildFailed,
                       absl::StrCat("the command succeeded but made no ", output.string(),
                                    ", which build.output names"));
    }
    if (!tree.ok()) return tree.status();
    fingerprint.Add(tree->digest);
  }
  return fingerprint.Hex();
}

}  // namespace

std::vector<std::string> OutputsBelow(const std::filesystem::path& dir,
                                      const std::vector<std::filesystem::path>& outputs) {
  std::vector<std::string> patterns;
  for (const std::filesystem::path& output : outputs) {
    std::string below = PathBelow(dir, output);
    if (!below.empty() && below != ".") patterns.push_back(std::move(below));
  }
  return patterns;
}

absl::StatusOr<std::optional<std::string>> PackageFingerprint(const PackageBuild& build,
                                                              const std::string& dependencies) {
  if (build.outputs.empty()) return std::nullopt;
  NOPO_ASSIGN_OR_RETURN(const TreeFingerprint inputs, FingerprintInputs(build));
  if (!inputs.settled) return std::nullopt;
  Fingerprint fingerprint;
  fingerprint.Add(kFormat).Add(build.command).Add(build.dir.string()).Add(build.env);
  for (const std::filesystem::path& output : build.outputs) fingerprint.Add(output.string());
  return fingerprint.Add(dependencies).Add(inputs.digest).Hex();
}

bool PackageIsUpToDate(const PackageBuild& build, const std::string& fingerprint,
                       const std::optional<BuildRecord>& record) {
  if (!record.has_value() || record->fingerprint != fingerprint) return false;
  const absl::StatusOr<std::string> outputs = FingerprintOutputs(build);
  return outputs.ok() && *outputs == record->result;
}

absl::StatusOr<BuildRecord> PackageRecord(const PackageBuild& build,
                                          const std::string& fingerprint) {
  NOPO_ASSIGN_OR_RETURN(std::string outputs, FingerprintOutputs(build));
  return BuildRecord{fingerprint, std::move(outputs), absl::Now()};
}

}  // namespace nopo
