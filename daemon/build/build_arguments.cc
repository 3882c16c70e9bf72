#include "daemon/build/build_arguments.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nopo {
namespace {

constexpr std::array kManagedArguments = {"DOCKER_TARGET", "DOCKER_TAG", "DOCKER_VERSION",
                                          "DOCKER_BUILD",  "GIT_REPO",   "GIT_BRANCH",
                                          "GIT_COMMIT"};

// BuildKit gives these to every step without an ARG.
bool IsPredefined(const std::string& name) {
  static const std::set<std::string> kProxies = {"ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY",
                                                 "HTTP_PROXY", "NO_PROXY"};
  return kProxies.contains(absl::AsciiStrToUpper(name));
}

}  // namespace

BuildArguments CommonArguments(const Project& project, const std::string& target_id,
                               const ImageNames& names) {
  BuildArguments arguments = {{"SERVICE_NAME", target_id},
                              {"NOPO_APP_UID", absl::StrCat(project.os.uid)},
                              {"NOPO_APP_GID", absl::StrCat(project.os.gid)}};
  for (const char* name : kManagedArguments) {
    const auto value = names.managed.find(name);
    if (value != names.managed.end()) arguments.insert(*value);
  }
  return arguments;
}

BuildArguments BaseImageArguments(const BaseImage& os) {
  return {{"BASE_FROM", os.image},
          {"OS_PACKAGES", absl::StrJoin(PackageSpecs(os), " ")},
          {"USER", kImageUser},
          {"USER_ID", absl::StrCat(os.uid)},
          {"USER_HOME", os.home}};
}

BuildArguments SelectArguments(const std::set<std::string>& declared, const BuildArguments& common,
                               const BuildArguments& given) {
  BuildArguments selected;
  for (const auto& [name, value] : common) {
    if (declared.contains(name)) selected[name] = value;
  }
  for (const auto& [name, value] : given) {
    if (declared.contains(name) || IsPredefined(name)) selected[name] = value;
  }
  return selected;
}

std::vector<std::string> PackageSpecs(const BaseImage& os) {
  std::vector<std::string> specs;
  for (const auto& [name, version] : os.packages) {
    specs.push_back(version.empty() ? name : absl::StrCat(name, "=", version));
  }
  return specs;
}

}  // namespace nopo
