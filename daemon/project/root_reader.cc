#include "daemon/project/root_reader.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/project/command_reader.h"
#include "daemon/project/dependency_managers.h"
#include "daemon/project/image_names.h"

namespace nopo {
namespace {

constexpr absl::string_view kPackagesForm =
    "a map from OS packages to versions, or a list of such maps";
constexpr absl::string_view kAbsolutePath = "an absolute path";
// Each is compared with each folder.
constexpr size_t kMostServicesDirs = 200;

void AddPackage(const std::string& name, const std::string& version, const ConfigValue& place,
                BaseImage& os) {
  const auto is_blank = [](unsigned char c) { return absl::ascii_isspace(c); };
  // A name travels to a package manager's command line.
  if (name.empty() || name[0] == '-' || std::any_of(name.begin(), name.end(), is_blank) ||
      std::any_of(version.begin(), version.end(), is_blank)) {
    place.AddKeyError(absl::StrCat("found the OS package ", Quoted(name),
                                   "; expected a name and a version without blanks"));
    return;
  }
  os.packages.emplace_back(name, version);
}

void ReadPackages(const ConfigValue& value, BaseImage& os) {
  if (value.IsNull()) return;
  if (value.IsList()) {
    for (const ConfigValue& item : value.Items()) {
      if (item.IsList()) {
        item.Reject(kPackagesForm);
      } else if (item.IsText()) {
        AddPackage(item.Spelling(), "", item, os);
      } else {
        ReadPackages(item, os);
      }
    }
    return;
  }
  if (!value.IsMap()) return value.Reject(kPackagesForm);
  for (const auto& [name, version] : value.Entries()) {
    if (version.IsNull()) {
      AddPackage(name, "", version, os);
    } else if (const auto text = version.Text("a version, or '' for any")) {
      AddPackage(name, *text, version, os);
    }
  }
}

void ReadBaseImage(const ConfigValue& value, BaseImage& os) {
  std::optional<ConfigValue> image = value;
  if (value.IsMap()) {
    ConfigMap map(value);
    image = map.TakeSet("image");
    map.WarnOfUnknownKeys();
  }
  if (!image.has_value()) return;
  constexpr absl::string_view kForm = "an image like 'node:22-slim'";
  const auto text = image->NonEmptyText(kForm);
  if (!text.has_value()) return;
  if (!ParseImageReference(*text).ok()) return image->Reject(kForm);
  os.image = *text;
}

void ReadUser(const ConfigValue& value, BaseImage& os) {
  ConfigMap map(value);
  map.ReadInteger("uid", 0, std::numeric_limits<int>::max(), os.uid);
  map.ReadInteger("gid", 0, std::numeric_limits<int>::max(), os.gid);
  if (const auto home = map.TakeSet("home")) {
    if (absl::StartsWith(home->Spelling(), "/")) {
      os.home = home->Spelling();
    } else {
      home->Reject(kAbsolutePath);
    }
  }
  map.WarnOfUnknownKeys();
}

BaseImage ReadOs(const ConfigValue& document, ConfigMap& root, ProjectFiles& files) {
  BaseImage os{.image_key = {document.location(), "os.base.image"}};
  if (const auto value = root.TakeSet("os")) {
    os.image_key.location = value->key_location();
    ConfigMap map(*value);
    if (const auto base = map.TakeSet("base")) {
      os.image_key.location = base->key_location();
      ReadBaseImage(*base, os);
    }
    if (const auto packages = map.TakeSet("dependencies")) ReadPackages(*packages, os);
    if (const auto user = map.TakeSet("user")) ReadUser(*user, os);
    map.WarnOfUnknownKeys();
  }
  const std::filesystem::path dockerfile = files.root() / "nopo" / "docker" / "Dockerfile";
  if (files.IsFile(dockerfile)) os.dockerfile = dockerfile;
  return os;
}

void AddPattern(const ConfigValue& value, std::vector<ServicesDirPattern>& patterns) {
  const auto text = value.NonEmptyText("a directory or a glob");
  if (!text.has_value()) return;
  patterns.push_back({*text, value.path(), value.location(), /*may_be_missing=*/false});
}

std::vector<ServicesDirPattern> ReadServices(ConfigMap& root) {
  std::vector<ServicesDirPattern> patterns;
  if (const auto value = root.TakeSet("services")) {
    ConfigMap map(*value);
    const auto dir = map.TakeSet("dir");
    const auto dirs = map.TakeSet("dirs");
    if (dir.has_value()) AddPattern(*dir, patterns);
    if (dir.has_value() && dirs.has_value()) {
      dirs->AddKeyError("found beside 'dir'; expected one of them");
    } else if (dirs.has_value() && !dirs->IsList()) {
      dirs->Reject("a list of directories");
    } else if (dirs.has_value() && dirs->Items().size() > kMostServicesDirs) {
      dirs->AddError(absl::StrCat("found ", dirs->Items().size(), " directories; expected at most ",
                                  kMostServicesDirs));
    } else if (dirs.has_value()) {
      for (const ConfigValue& item : dirs->Items()) AddPattern(item, patterns);
    }
    map.WarnOfUnknownKeys();
  }
  const bool only_exclusions = std::all_of(
      patterns.begin(), patterns.end(), [](const auto& pattern) { return pattern.IsExclusion(); });
  if (only_exclusions) {
    patterns.push_back({"./apps", "services.dirs", {kConfigFileName}, /*may_be_missing=*/true});
  }
  return patterns;
}

void ReadName(ConfigMap& map, const ConfigValue& document, Project& project) {
  constexpr absl::string_view kForm = "non-empty text, the project's name";
  // What containers and images are named after has to leave room for the names of targets.
  constexpr size_t kLongest = 128;
  if (const auto value = map.Take("name")) {
    project.name = value->NonEmptyText(kForm).value_or("");
    if (project.name.size() > kLongest) {
      value->Reject(absl::StrCat("at most ", kLongest, " characters"));
    }
  } else {
    document.diagnostics().AddError(document.location(), "name",
                                    absl::StrCat("found nothing; expected ", kForm));
  }
  project.slug = Slug(project.name);
}

void ReadRootName(ConfigMap& map, Project& project) {
  const auto value = map.TakeSet("root_name");
  if (!value.has_value()) return;
  if (!IsName(value->Spelling())) {
    return value->Reject("a name of letters, digits, '.', '_' and '-'");
  }
  project.root_name = value->Spelling();
}

Target ReadRootTarget(ConfigMap& map, const Project& project) {
  Target target;
  target.id = target.name = project.root_name;
  target.kind = TargetKind::kRoot;
  target.dir = project.root;
  target.path = ".";
  target.location = {kConfigFileName};
  if (const auto value = map.TakeSet("root")) {
    ConfigMap root(*value);
    if (const auto commands = root.TakeSet("commands")) target.commands = ReadCommands(*commands);
    root.WarnOfUnknownKeys();
  }
  return target;
}

}  // namespace

Project ReadRoot(const ConfigValue& document, ProjectFiles& files,
                 std::vector<ServicesDirPattern>& patterns) {
  Project project;
  project.root = files.root();
  project.config_file = files.root() / kConfigFileName;
  ConfigMap map(document);
  ReadName(map, document, project);
  project.os = ReadOs(document, map, files);
  patterns = ReadServices(map);
  ReadRootName(map, project);
  project.root_target = ReadRootTarget(map, project);
  const auto sync = map.TakeSet("sync");
  project.dependency_managers =
      sync.has_value() ? ReadDependencyManagers(*sync, files) : FindDependencyManagers(files);
  map.WarnOfUnknownKeys();
  return project;
}

}  // namespace nopo
