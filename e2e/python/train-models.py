"""Trains a small model with each library: `train-models.py SITE FOLDER`. Writes them, and what they answer, into the folder."""
import json
import pathlib
import sys

site, folder = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, site)

import lightgbm
import numpy
import skops.io
import xgboost
from sklearn.linear_model import LogisticRegression

generator = numpy.random.default_rng(7)
x = generator.normal(size=(200, 4)).round(3)
y = (x[:, 0] + x[:, 1] > 0).astype("int64") + (x[:, 2] > 1)
rows = x[:5]
answers = {}

classifier = LogisticRegression().fit(x, y)
skops.io.dump(classifier, folder / "model.skops")
answers["sklearn"] = {
    "predict": classifier.predict(rows).tolist(),
    "predict_proba": classifier.predict_proba(rows).ravel().tolist(),
}

single = rows.astype("float32")
booster = xgboost.train({"objective": "reg:squarederror", "max_depth": 3, "nthread": 1}, xgboost.DMatrix(x.astype("float32"), y), 10)
booster.save_model(folder / "model.ubj")
answers["xgboost"] = {"predict": [float(each) for each in booster.inplace_predict(single)]}

forest = lightgbm.train({"objective": "regression", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}, lightgbm.Dataset(x, y), 10)
forest.save_model(folder / "model.lgb")
answers["lightgbm"] = {"predict": lightgbm.Booster(model_file=str(folder / "model.lgb")).predict(rows).tolist()}

(folder / "answers.json").write_text(json.dumps({"rows": rows.tolist(), "answers": answers}))
