#include "daemon/project/project_json.h"

#include "daemon/project/environment_levels.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

class ListTest : public ::testing::Test {
 protected:
  ListTest() {
    files_.Write("nopo.yml", "name: Shop\n");
    files_.Write("apps/db/nopo.yml", "image: postgres:16\n");
    files_.Write("apps/lib/nopo.yml", "");
    files_.Write("apps/web/Dockerfile", "").Write("apps/web/nopo.yml", R"(
dependencies: [lib]
tags: [a]
infrastructure: {memory: 1Gi, has_database: true, depends_on: [db, lib]}
commands: {lint: x, check: {commands: {py: y}}}
)");
    project_ = files_.Load();
    for (const Target& target : project_->targets) targets_.push_back(&target);
  }

  TemporaryProject files_;
  std::shared_ptr<const Project> project_;
  std::vector<const Target*> targets_;
};

TEST_F(ListTest, HasTheContractsKeysInTheirOrder) {
  const ImageNames names = *ResolveImageNames(*project_, EnvironmentLevels({}, {}), nullptr);
  const std::string root = files_.root().native();
  EXPECT_EQ(ListJson(*project_, {targets_.back()}, names), R"({
  "config": {
    "name": "Shop",
    "root": ")" + root + R"(",
    "services_dirs": [
      ")" + root + R"(/apps"
    ]
  },
  "services": {
    "web": {
      "name": "web",
      "description": "",
      "type": "service",
      "path": "apps/web",
      "buildable": true,
      "image": "shop-web:local",
      "cpu": "1",
      "memory": "1Gi",
      "port": 3000,
      "min_instances": 0,
      "max_instances": 10,
      "has_database": true,
      "run_migrations": false,
      "static_path": "build",
      "tags": [
        "a"
      ],
      "dependencies": [
        "lib",
        "db"
      ],
      "commands": [
        "lint",
        "check",
        "check:py"
      ]
    }
  }
}
)");
}

TEST_F(ListTest, WritesEmptyListsInOnePiece) {
  EXPECT_NE(ListJson(*project_, {}, {}).find("\"services\": {}"), std::string::npos);
}

TEST_F(ListTest, IsALineOfNamesAsCsv) {
  EXPECT_EQ(ListCsv(targets_), "db,lib,web\n");
  EXPECT_EQ(ListCsv({}), "\n");
}

TEST_F(ListTest, IsATableForPeople) {
  EXPECT_EQ(ListTable(targets_),
            "SERVICE  TYPE     CPU  MEMORY  PORT  MIN  MAX  DB   MIGRATE\n"
            "db       service  1    512Mi   3000  0    10   no   no\n"
            "lib      package  -    -       -     -    -    -    -\n"
            "web      service  1    1Gi     3000  0    10   yes  no\n"
            "\n"
            "Total: 3 service(s)\n");
}

}  // namespace
}  // namespace nopo
